using System.Security.Cryptography;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Bench;

/// <summary>A database of a benchmark's own, on the server it is given, gone when it is done.</summary>
internal sealed class BenchDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource server;
    private readonly string name;

    private BenchDatabase(NpgsqlDataSource server, string name, string connectionString)
    {
        (this.server, this.name, ConnectionString) = (server, name, connectionString);
        Owner = NpgsqlDataSource.Create(connectionString);
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Owner { get; }

    /// <param name="serverConnection">An Npgsql connection string of a role that may create databases.</param>
    public static async Task<BenchDatabase> Create(string serverConnection, CancellationToken cancel)
    {
        var name = $"bench_{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        var server = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(serverConnection) { Pooling = false }.ConnectionString);
        await using (var create = server.CreateCommand($"CREATE DATABASE {name}"))
            await create.ExecuteNonQueryAsync(cancel);
        var own = new NpgsqlConnectionStringBuilder(serverConnection) { Database = name };
        var database = new BenchDatabase(server, name, own.ConnectionString);
        await SchemaMigrations.Apply(database.Owner, cancel);
        await RolePasswords.Provide(own.ConnectionString, cancel);
        return database;
    }

    /// <summary>Runs a benchmark in a database of its own on the server that BIFROST_DATABASE names.</summary>
    /// <returns>The exit code: 2 where no server is named.</returns>
    public static async Task<int> Use(Func<BenchDatabase, Task> benchmark, CancellationToken cancel)
    {
        if (Environment.GetEnvironmentVariable("BIFROST_DATABASE") is not { Length: > 0 } server)
        {
            await Console.Error.WriteLineAsync("BIFROST_DATABASE is not set; ./bifrost bench provides a database.");
            return 2;
        }
        await using var database = await Create(server, cancel);
        await benchmark(database);
        return 0;
    }

    public async Task Execute(string sql, CancellationToken cancel)
    {
        await using var command = Command(sql);
        await command.ExecuteNonQueryAsync(cancel);
    }

    public async Task<T> Scalar<T>(string sql, CancellationToken cancel)
    {
        await using var command = Command(sql);
        return (T)(await command.ExecuteScalarAsync(cancel))!;
    }

    // Without FORCE: the server waits some seconds for those who are leaving, and sends autovacuum away, which FORCE
    // is refused to do.
    public async ValueTask DisposeAsync()
    {
        await Owner.DisposeAsync();
        await using (var drop = server.CreateCommand($"DROP DATABASE {name}"))
            await drop.ExecuteNonQueryAsync();
        await server.DisposeAsync();
    }

    private NpgsqlCommand Command(string sql)
    {
        var command = Owner.CreateCommand(sql);
        command.CommandTimeout = 0;
        return command;
    }
}
