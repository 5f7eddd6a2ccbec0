using System.Globalization;
using System.Reflection;
using JasperFx;
using Marten;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Bifrost.EventStore;

/// <summary>
/// Applies the numbered files of sql/, each in a transaction of its own, once; and, once for each version of Marten,
/// the functions that it calls, as Marten itself writes them.
/// </summary>
public static class SchemaMigrations
{
    /// <summary>
    /// Held for a file, so that of two processes that start at once one waits and finds the work done. Nobody but the
    /// database's owner has any right on the table, so nobody else can hold up a start.
    /// </summary>
    internal const string Lock = "LOCK TABLE public.schema_migration IN SHARE ROW EXCLUSIVE MODE";

    private const string Exists = "SELECT to_regclass('public.schema_migration') IS NOT NULL";

    private const string Record =
        """
        CREATE TABLE IF NOT EXISTS public.schema_migration (
            name       text        PRIMARY KEY,
            applied_at timestamptz NOT NULL DEFAULT now()
        )
        """;

    /// <returns>The names of the files that were applied now, in order; empty where all had been.</returns>
    /// <exception cref="PostgresException">A file failed; those before it stay applied.</exception>
    public static async Task<IReadOnlyList<string>> Apply(NpgsqlDataSource owner, CancellationToken cancel = default)
    {
        var applied = new List<string>();
        await MakeRecord(owner, cancel);
        foreach (var name in Names)
            await Apply(owner, name, applied, cancel);
        return applied;
    }

    // After the tables of the ledger, and once more with another version.
    private static string MartenFunctions { get; } = $"marten/{typeof(DocumentStore).Assembly.GetName().Version}";

    /// <summary>What is applied, by its name and in its order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Append(MartenFunctions)
            .Order(StringComparer.Ordinal),
    ];

    private static async Task MakeRecord(NpgsqlDataSource owner, CancellationToken cancel)
    {
        await using var connection = await owner.OpenConnectionAsync(cancel);
        await using var exists = new NpgsqlCommand(Exists, connection);
        if ((bool)(await exists.ExecuteScalarAsync(cancel))!)
            return;
        try
        {
            await Execute(connection, Record, cancel);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation
            or PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateObject)
        {
            // Another process made it at the same moment, and has committed: that is what this one waited for.
        }
    }

    private static async Task Apply(
        NpgsqlDataSource owner, string name, List<string> applied, CancellationToken cancel)
    {
        await using var connection = await owner.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await Execute(connection, Lock, cancel);
        if (await IsApplied(connection, name, cancel))
            return;
        await Execute(connection, name == MartenFunctions ? await Functions(owner, cancel) : Text(name), cancel);
        await Note(connection, name, cancel);
        await transaction.CommitAsync(cancel);
        applied.Add(name);
    }

    // Tables are ours, in numbered files. Functions are Marten's own code, which goes with its version.
    private static async Task<string> Functions(NpgsqlDataSource owner, CancellationToken cancel)
    {
        var asked = await LedgerStore.Of(owner).Storage.Database.CreateMigrationAsync(cancel);
        var functions = asked.Deltas.Where(delta => delta.SchemaObject is not Table);
        var sql = new StringWriter(CultureInfo.InvariantCulture);
        new SchemaMigration(functions).WriteAllUpdates(sql, new PostgresqlMigrator(), AutoCreate.CreateOrUpdate);
        return sql.ToString();
    }

    private static string Text(string file)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(file)!);
        return reader.ReadToEnd();
    }

    private static async Task<bool> IsApplied(NpgsqlConnection connection, string file, CancellationToken cancel)
    {
        const string Sql = "SELECT 1 FROM public.schema_migration WHERE name = $1";
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = file });
        return await command.ExecuteScalarAsync(cancel) is not null;
    }

    private static async Task Note(NpgsqlConnection connection, string file, CancellationToken cancel)
    {
        const string Sql = "INSERT INTO public.schema_migration (name) VALUES ($1)";
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = file });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
