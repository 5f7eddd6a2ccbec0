using System.Diagnostics;

namespace Bifrost.Outage.Tests;

/// <summary>The private server of the entry script, which these tests stop and start.</summary>
internal static class PrivatePostgres
{
    /// <summary>Null where there is a server that may be stopped.</summary>
    public static string? WhyAbsent =>
        Environment.GetEnvironmentVariable("BIFROST_HOME") is null
        || Environment.GetEnvironmentVariable("BIFROST_TEST_SUPERUSER") is null
            ? "only the private server of ./bifrost test may be stopped, and this is another one"
            : null;

    public static async Task Run(params string[] arguments)
    {
        var script = new ProcessStartInfo(Path.Combine(Root(), "bifrost"), ["db", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(script)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, string.Concat(said));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Bifrost.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
