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

    /// <param name="values">As many as the statement has places.</param>
    public void Add(Statement statement, params ReadOnlySpan<SqlValue> values)
    {
        if (!isBegun)
            builder.StartNewCommand();
        isBegun = false;
        builder.Append(statement.Parts[0]);
        for (var i = 0; i < values.Length; i++)
        {
            values[i].AddTo(builder);
            builder.Append(statement.Parts[i + 1]);
        }
    }
}

/// <summary>A statement's text, taken apart once and for all at the places of its values.</summary>
/// <param name="sql">With a ? for each value, in their order.</param>
public sealed class Statement(string sql)
{
    internal string[] Parts { get; } = sql.Split('?');
}

/// <summary>
/// A value for a statement, sent as what its C# type stands for; the statement casts it where it is not.
/// </summary>
/// <remarks>A type that is named with each value would be looked up by its name with each of them.</remarks>
public abstract class SqlValue
{
    public static SqlValue Of<T>(T value) => new Inferred<T>(value);

    /// <summary>One array of what <paramref name="value"/> is of each of <paramref name="rows"/>.</summary>
    public static SqlValue Array<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value) =>
        Of(ArrayOf(rows, value));

    /// <summary>One array of JSON, as its bytes in UTF-8.</summary>
    public static SqlValue Json<TRow>(IReadOnlyList<TRow> rows, Func<TRow, byte[]> value) =>
        new JsonArray(ArrayOf(rows, value));

    internal abstract void AddTo(ICommandBuilder builder);

    private static T[] ArrayOf<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(rows[i]);
        return values;
    }

    private sealed class Inferred<T>(T value) : SqlValue
    {
        internal override void AddTo(ICommandBuilder builder) => builder.AppendParameter<T>(value);
    }

    private sealed class JsonArray(byte[][] value) : SqlValue
    {
        internal override void AddTo(ICommandBuilder builder) =>
            builder.AppendParameter(value, NpgsqlDbType.Array | NpgsqlDbType.Jsonb);
    }
}
