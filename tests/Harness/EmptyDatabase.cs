using Npgsql;

namespace Bifrost.Harness;

/// <summary>A database without a schema, dropped at the end.</summary>
public sealed class EmptyDatabase : IAsyncDisposable
{
    private readonly string name = $"bifrost_empty_{Guid.NewGuid():N}";

    private EmptyDatabase() => Owner = NpgsqlDataSource.Create(ConnectionString);

    /// <summary>As its owner.</summary>
    public string ConnectionString => TestPostgres.In(TestPostgres.Owner, name);

    public NpgsqlDataSource Owner { get; }

    public static async Task<EmptyDatabase> Create()
    {
        var database = new EmptyDatabase();
        await TestPostgres.Execute($"CREATE DATABASE {database.name} TEMPLATE template0");
        return database;
    }

    /// <summary>One that TimescaleDB does not load into, as on a server that has none.</summary>
    public static async Task<EmptyDatabase> CreatePlain()
    {
        var database = await Create();
        await TestPostgres.Execute($"ALTER DATABASE {database.name} SET timescaledb.disable_load = 'on'");
        return database;
    }

    public async ValueTask DisposeAsync()
    {
        await Owner.DisposeAsync();
        await TestPostgres.Drop(name);
    }
}
