using Npgsql;

namespace Bifrost.Harness;

/// <summary>The PostgreSQL server that the entry script provides to the tests.</summary>
public static class TestPostgres
{
    /// <summary>A role that may make databases, and owns them.</summary>
    public static string Owner => Variable("BIFROST_TEST_DATABASE");

    /// <summary>For tests that tamper with what nobody else may touch.</summary>
    public static string Superuser => Variable("BIFROST_TEST_SUPERUSER");

    public static string In(string connectionString, string database) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Database = database, Pooling = false }.ConnectionString;

    /// <summary>Runs a statement outside of the tests' databases, as their owner.</summary>
    public static Task Execute(string sql) => Execute(Owner, sql);

    /// <summary>
    /// Drops a database and whoever is in it. Where there is a superuser it is he who does, because TimescaleDB's own
    /// sessions cannot be ended by the database's owner.
    /// </summary>
    public static Task Drop(string database) => Execute(
        Environment.GetEnvironmentVariable("BIFROST_TEST_SUPERUSER") is { Length: > 0 } superuser ? superuser : Owner,
        $"DROP DATABASE {database} WITH (FORCE)");

    private static async Task Execute(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(In(connectionString, "postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"{name} is not set: ./bifrost test sets it, and starts the server.");
}
