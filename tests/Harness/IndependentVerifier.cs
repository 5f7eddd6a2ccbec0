using System.Diagnostics;

namespace Bifrost.Harness;

/// <summary>The verifier in scripts/verify.py, which has nothing of Bifrost.</summary>
public static class IndependentVerifier
{
    /// <summary>Runs it with the Python that the entry script names, or the one that is there.</summary>
    public static (int Exit, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("BIFROST_TEST_PYTHON") ?? "python3")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.ArgumentList.Add(Script());
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    private static string Script()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "scripts", "verify.py")))
            folder = folder.Parent;
        return Path.Combine(folder.FullName, "scripts", "verify.py");
    }
}
