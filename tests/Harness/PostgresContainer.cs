using System.Security.Cryptography;
using DotNet.Testcontainers.Configurations;
using Npgsql;
using Testcontainers.PostgreSql;

namespace Bifrost.Harness;

/// <summary>PostgreSQL with TimescaleDB in a container, with the owner that docker-compose.yml's has.</summary>
public sealed class PostgresContainer : IAsyncDisposable
{
    /// <summary>The same as in docker-compose.yml.</summary>
    public const string Image = "timescale/timescaledb:latest-pg17";

    private const string Cluster = "--data-checksums --encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8";

    private const string CreateDatabase = "scripts/docker/create-database.sh";

    private const long SharedMemory = 256 << 20;

    // Those of the private server. Testcontainers turns durability off, and without it a commit takes no time, so that
    // nothing would ever wait for one.
    private static readonly string[] Settings =
    [
        "fsync=on", "full_page_writes=on", "synchronous_commit=on", "max_connections=200", "shared_buffers=512MB",
        "min_wal_size=1GB", "max_wal_size=4GB", "checkpoint_timeout=15min", "wal_compression=off", "jit=off",
        "max_locks_per_transaction=128", "max_worker_processes=40", "timescaledb.max_background_workers=24",
        "timescaledb.telemetry_level=off", "timezone=UTC", "log_timezone=UTC",
    ];

    private readonly PostgreSqlContainer server;
    private readonly string password;
    private readonly string passfile;

    private PostgresContainer(PostgreSqlContainer server, string password, string passfile) =>
        (this.server, this.password, this.passfile) = (server, password, passfile);

    /// <summary>Whether Testcontainers finds a Docker engine: by DOCKER_HOST, a context or a usual socket.</summary>
    public static bool EngineAnswers => TestcontainersSettings.OS.DockerEndpointAuthConfig is not null;

    /// <summary>A role that may make databases, and owns them.</summary>
    public string Owner => new NpgsqlConnectionStringBuilder(Superuser)
    {
        Username = "bifrost", Password = password, Passfile = passfile,
    }.ConnectionString;

    public string Superuser =>
        new NpgsqlConnectionStringBuilder(server.GetConnectionString()) { Database = "bifrost" }.ConnectionString;

    /// <param name="folder">Where the passwords of the modules' roles may be kept.</param>
    /// <param name="keepsItsPort">For whoever stops and starts it: the engine would choose another one.</param>
    /// <exception cref="DotNet.Testcontainers.Builders.DockerUnavailableException">No engine answers.</exception>
    public static async Task<PostgresContainer> Start(string folder, bool keepsItsPort = false)
    {
        var password = NewPassword();
        var builder = new PostgreSqlBuilder(Image)
            .WithPassword(NewPassword())
            .WithEnvironment("BIFROST_DATABASE_PASSWORD", password)
            .WithEnvironment("POSTGRES_INITDB_ARGS", Cluster)
            .WithEnvironment("NO_TS_TUNE", "true")
            // Executable, so that the image's own script runs it and does not take over its settings.
            .WithResourceMapping(
                new FileInfo(Path.Combine(EntryScript.Root, CreateDatabase)), "/docker-entrypoint-initdb.d/", 0, 0,
                Unix.FileMode755)
            .WithCreateParameterModifier(container => container.HostConfig!.ShmSize = SharedMemory)
            .WithCommand([.. Settings.SelectMany(setting => new[] { "-c", setting })]);
        if (keepsItsPort)
            builder = builder.WithPortBinding(FreePort.Find(), PostgreSqlBuilder.PostgreSqlPort);
        var server = builder.Build();
        await server.StartAsync();
        return new PostgresContainer(server, password, Path.Combine(folder, "roles.pgpass"));
    }

    public Task Stop() => server.StopAsync();

    public Task StartAgain() => server.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static string NewPassword() => RandomNumberGenerator.GetHexString(48, lowercase: true);
}
