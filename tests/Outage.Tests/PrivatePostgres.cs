using Bifrost.Harness;

namespace Bifrost.Outage.Tests;

/// <summary>The private server of the entry script, which these tests stop and start.</summary>
internal static class PrivatePostgres
{
    /// <summary>Null where there is a server that may be stopped.</summary>
    public static string? WhyAbsent => EntryScript.HasPrivateServer
        ? null
        : "only the private server of ./bifrost test may be stopped, and this is another one";

    public static Task Stop() => Run("stop", "stopped");

    public static Task Start() => Run("start", "PostgreSQL runs on");

    // Where there is nothing to stop the script succeeds as well, and nothing would be tested.
    private static async Task Run(string action, string done)
    {
        var (exit, output, error) = await EntryScript.Run("db", action);
        exit.ShouldBe(0, output + error);
        error.ShouldContain(done);
    }
}
