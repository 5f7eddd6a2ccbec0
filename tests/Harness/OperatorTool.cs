using System.Diagnostics;

namespace Bifrost.Harness;

/// <summary>The operator's tool in a process of its own, as the operator runs it.</summary>
public static class OperatorTool
{
    private static string Program => Environment.GetEnvironmentVariable("BIFROST_TEST_PROGRAM")
        ?? Path.Combine(EntryScript.Root, "src", "Cli", "bin", "Release", "net10.0", "bifrost.dll");

    /// <summary>How it is started; what it says is redirected.</summary>
    /// <param name="database">An Npgsql connection string.</param>
    public static ProcessStartInfo Of(string database, params string[] arguments) =>
        new("dotnet", [Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["BIFROST_DATABASE"] = database },
        };

    /// <summary>Runs it to its end.</summary>
    /// <param name="home">Where it keeps what is not in the database; null where it keeps nothing.</param>
    public static Task<(int Exit, string Output, string Error)> Run(
        string database, string? home, params string[] arguments)
    {
        var start = Of(database, arguments);
        if (home is not null)
            start.Environment["BIFROST_HOME"] = home;
        return RunToEnd(start);
    }

    internal static async Task<(int Exit, string Output, string Error)> RunToEnd(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        if (start.RedirectStandardInput)
            process.StandardInput.Close();
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, said[0], said[1]);
    }
}
