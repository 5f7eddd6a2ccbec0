using Bifrost.Harness;

namespace Bifrost.Outage.Tests;

/// <summary>
/// A server that tests may stop and start: the entry script's private one, or one in a container of its own, since
/// others may be at work on the one that all tests share.
/// </summary>
internal sealed class StoppablePostgres : IAsyncDisposable
{
    private const string Missing =
        "no server may be stopped: this one is another's, and no Docker engine answers that would have one for it";

    private readonly string passwords = Directory.CreateTempSubdirectory("bifrost-outage-").FullName;
    private PostgresContainer? container;

    private StoppablePostgres()
    {
    }

    /// <summary>Skips the test where there is none; else it is the one that this process's tests use.</summary>
    public static async Task<StoppablePostgres> OrSkip()
    {
        Skip.IfNot(EntryScript.HasPrivateServer || PostgresContainer.EngineAnswers, Missing);
        var server = new StoppablePostgres();
        if (!EntryScript.HasPrivateServer)
        {
            server.container = await PostgresContainer.Start(server.passwords, keepsItsPort: true);
            TestPostgres.Use(server.container);
        }
        return server;
    }

    public Task Stop() => container?.Stop() ?? Run("stop", "stopped");

    public Task Start() => container?.StartAgain() ?? Run("start", "PostgreSQL runs on");

    public async ValueTask DisposeAsync()
    {
        if (container is not null)
            await container.DisposeAsync();
        Directory.Delete(passwords, recursive: true);
    }

    // Where there is nothing to stop the script succeeds as well, and nothing would be tested.
    private static async Task Run(string action, string done)
    {
        var (exit, output, error) = await EntryScript.Run("db", action);
        exit.ShouldBe(0, output + error);
        error.ShouldContain(done);
    }
}
