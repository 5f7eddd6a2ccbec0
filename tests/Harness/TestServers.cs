namespace Bifrost.Harness;

/// <summary>
/// Which servers the tests use. <c>./bifrost test</c> names them by variables, be they its own or in containers that
/// all test projects share. Where it does not, as in an editor, they are in containers of this process.
/// </summary>
internal static class TestServers
{
    private const string Database = "BIFROST_TEST_DATABASE";
    private const string DatabaseSuperuser = "BIFROST_TEST_SUPERUSER";

    // What else the variable may say instead of a connection string.
    private const string InContainers = "containers";

    private const string Missing =
        "There is no server for the tests: no Docker engine answers, and BIFROST_TEST_DATABASE names none. "
        + "./bifrost test sets one up.";

    private static readonly Lazy<TestContainers> Own = new(Start);

    public static string Owner => Given(Database) ?? Own.Value.Postgres.Owner;

    /// <summary>Null where the server is another's.</summary>
    public static string? Superuser =>
        Given(Database) is null ? Own.Value.Postgres.Superuser : Given(DatabaseSuperuser);

    /// <summary>host:port; null where there is none.</summary>
    public static string? Redis => Given("BIFROST_TEST_REDIS") ?? (Given(Database) is null ? Own.Value.Redis : null);

    public static void Use(PostgresContainer server)
    {
        Environment.SetEnvironmentVariable(Database, server.Owner);
        Environment.SetEnvironmentVariable(DatabaseSuperuser, server.Superuser);
    }

    private static string? Given(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value && value != InContainers ? value : null;

    private static TestContainers Start()
    {
        if (!PostgresContainer.EngineAnswers)
            throw new InvalidOperationException(Missing);
        var folder = Directory.CreateTempSubdirectory("bifrost-containers-").FullName;
        // On a thread of the pool, because tests ask for it on one that has to go on meanwhile.
        var containers = Task.Run(() => TestContainers.Start(folder)).GetAwaiter().GetResult();
        // Testcontainers' own reaper removes them as well, where there is one.
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            Directory.Delete(folder, recursive: true);
            containers.DisposeAsync().AsTask().GetAwaiter().GetResult();
        };
        return containers;
    }
}
