using System.Data.Common;
using NpgsqlTypes;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Storage;
using ICommandBuilder = Weasel.Postgresql.ICommandBuilder;
using IMartenOperation = Marten.Internal.Operations.IStorageOperation;

namespace Bifrost.EventStore;

/// <summary>Statements that run in a session of Marten's, in the order in which they were queued.</summary>
public abstract class LedgerOperation : IMartenOperation
{
    public Type DocumentType => GetType();

    // Of no kind that Marten would sort.
    public OperationRole Role() => OperationRole.Other;

    public void ConfigureCommand(ICommandBuilder builder, IStorageSession session) => AddTo(new Statements(builder));

    /// <summary>Adds at least one statement.</summary>
    protected abstract void AddTo(Statements statements);

    public virtual Task PostprocessAsync(DbDataReader reader, IList<Exception> exceptions, CancellationToken token) =>
        Task.CompletedTask;
}

/// <summary>The statements of one operation, for the builder that Marten gives it.</summary>
public sealed class Statements(ICommandBuilder builder)
{
    // Marten has begun the first one.
    private bool isBegun = true;

    /// <param name="sql">With a ? for each value, in their order.</param>
    public void Add(string sql, params ReadOnlySpan<SqlValue> values)
    {
        if (!isBegun)
            builder.StartNewCommand();
        isBegun = false;
        var places = builder.AppendWithParameters(sql);
        for (var i = 0; i < places.Length; i++)
            (places[i].NpgsqlDbType, places[i].Value) = (values[i].Type, values[i].Value ?? DBNull.Value);
    }
}

/// <summary>A value for a statement, of a type that is said and not guessed.</summary>
public readonly record struct SqlValue(NpgsqlDbType Type, object? Value)
{
    /// <summary>One array of what <paramref name="value"/> is of each of <paramref name="rows"/>.</summary>
    public static SqlValue Array<TRow, T>(NpgsqlDbType type, IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(rows[i]);
        return new SqlValue(NpgsqlDbType.Array | type, values);
    }
}

/// <summary>Ends the transaction with the batch that it is the last operation of.</summary>
internal sealed class EndTransaction : LedgerOperation, NoDataReturnedCall
{
    protected override void AddTo(Statements statements) => statements.Add("COMMIT");
}
