using Npgsql;

namespace Bifrost.Harness;

/// <summary>The PostgreSQL server of the tests.</summary>
public static class TestPostgres
{
    /// <summary>A role that may make databases, and owns them.</summary>
    public static string Owner => TestServers.Owner;

    /// <summary>For tests that tamper with what nobody else may touch.</summary>
    public static string Superuser => TestServers.Superuser ?? throw new InvalidOperationException(
        "BIFROST_TEST_SUPERUSER is not set, without which nobody can tamper with BIFROST_TEST_DATABASE's server.");

    /// <summary>From here on it is the server of this process's tests.</summary>
    public static void Use(PostgresContainer server) => TestServers.Use(server);

    public static string In(string connectionString, string database) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Database = database, Pooling = false }.ConnectionString;

    /// <summary>Runs a statement outside of the tests' databases, as their owner.</summary>
    public static Task Execute(string sql) => Execute(Owner, sql);

    /// <summary>
    /// Drops a database and whoever is in it. Where there is a superuser it is he who does, because TimescaleDB's own
    /// sessions cannot be ended by the database's owner.
    /// </summary>
    public static Task Drop(string database) =>
        Execute(TestServers.Superuser ?? Owner, $"DROP DATABASE {database} WITH (FORCE)");

    private static async Task Execute(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(In(connectionString, "postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
