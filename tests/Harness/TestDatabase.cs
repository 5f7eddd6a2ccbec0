using System.Security.Cryptography;
using System.Text;
using Bifrost.EventStore;
using Npgsql;
using Xunit;

namespace Bifrost.Harness;

/// <summary>A database of its own for a class of tests: copied from one with the schema, dropped at the end.</summary>
public sealed class TestDatabase : IAsyncLifetime
{
    // By the clock on the wall one of them is due in the middle of some runs, and does a job among those of a test.
    private const string PutOff = "UPDATE work.schedule SET next_at = now() + interval '1 day'";

    // Test assemblies run at the same time; one of them makes the template.
    private const string Lock = "SELECT pg_advisory_lock(4711009)";

    public string Name { get; } = $"bifrost_test_{Guid.NewGuid():N}";

    /// <summary>As its owner.</summary>
    public string ConnectionString =>
        new NpgsqlConnectionStringBuilder(TestPostgres.Owner) { Database = Name }.ConnectionString;

    public string SuperuserConnectionString => TestPostgres.In(TestPostgres.Superuser, Name);

    public async Task InitializeAsync()
    {
        var template = await Template();
        await Copy(template);
    }

    public async Task DisposeAsync()
    {
        // Its own pool and no other: tests of other classes are at work with theirs.
        await using (var pooled = new NpgsqlConnection(ConnectionString))
            NpgsqlConnection.ClearPool(pooled);
        await TestPostgres.Drop(Name);
    }

    /// <summary>Runs a statement as the owner and returns its first value.</summary>
    public async Task<T> Query<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    // TimescaleDB's launcher looks into every new database for a moment, the template among them; PostgreSQL waits five
    // seconds for it, which on a busy machine can be too short.
    private async Task Copy(string template)
    {
        for (var left = 5; ; left--)
        {
            try
            {
                await TestPostgres.Execute($"CREATE DATABASE {Name} TEMPLATE {template}");
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && left > 0)
            {
                continue;
            }
        }
    }

    private static async Task<string> Template()
    {
        var name = $"bifrost_template_{SchemaHash()}";
        await using var connection = new NpgsqlConnection(TestPostgres.In(TestPostgres.Owner, "postgres"));
        await connection.OpenAsync();
        await Execute(connection, Lock);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection);
        exists.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        if (await exists.ExecuteScalarAsync() is not null)
            return name;
        var unfinished = $"{name}_unfinished";
        await Execute(connection, $"DROP DATABASE IF EXISTS {unfinished}");
        await Execute(connection, $"CREATE DATABASE {unfinished} TEMPLATE template0");
        await using (var owner = NpgsqlDataSource.Create(TestPostgres.In(TestPostgres.Owner, unfinished)))
        {
            await SchemaMigrations.Apply(owner);
            await using var putOff = owner.CreateCommand(PutOff);
            await putOff.ExecuteNonQueryAsync();
        }
        await RolePasswords.Provide(TestPostgres.In(TestPostgres.Owner, unfinished));
        // Nobody connects to it from here on, TimescaleDB's launcher included.
        await Execute(connection, $"ALTER DATABASE {unfinished} WITH ALLOW_CONNECTIONS false");
        // Under its name only when it is whole, so that a run that was cut off leaves nothing half made behind.
        await Execute(connection, $"ALTER DATABASE {unfinished} RENAME TO {name}");
        return name;
    }

    private static string SchemaHash()
    {
        var assembly = typeof(SchemaMigrations).Assembly;
        var text = new StringBuilder(PutOff).AppendJoin(' ', SchemaMigrations.Names);
        foreach (var name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            text.Append(name).Append(reader.ReadToEnd());
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..12];
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
