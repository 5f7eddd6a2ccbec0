using System.Diagnostics;
using System.Text.Json;

namespace Bifrost.Harness;

/// <summary>The verifier in scripts/verify.py, which has nothing of Bifrost.</summary>
public static class IndependentVerifier
{
    internal static string Python => Environment.GetEnvironmentVariable("BIFROST_TEST_PYTHON") ?? "python3";

    /// <summary>Runs it with the Python that the entry script names, or the one that is there.</summary>
    public static (int Exit, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Script());
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    internal static string Script()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "scripts", "verify.py")))
            folder = folder.Parent;
        return Path.Combine(folder.FullName, "scripts", "verify.py");
    }
}

/// <summary>
/// The same verifier, asked many times: Python is started once, which takes longer than a verification.
/// </summary>
public sealed class IndependentVerifications : IDisposable
{
    // Calls what the script calls when it is run, and tells each exit and what was said. A bug ends the process.
    private const string Repeat =
        """
        import contextlib, importlib.util, io, json, sys
        spec = importlib.util.spec_from_file_location("verify", sys.argv[1])
        verify = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(verify)
        for line in sys.stdin:
            sys.argv, said, code = ["verify.py", *json.loads(line)], io.StringIO(), None
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                try:
                    verify.main()
                except SystemExit as end:
                    code = end.code
            told = said.getvalue() + (f"{code}\n" if isinstance(code, str) else "")
            print(json.dumps([code if isinstance(code, int) else int(code is not None), told]), flush=True)
        """;

    private readonly Process process;

    public IndependentVerifications()
    {
        var start = new ProcessStartInfo(IndependentVerifier.Python)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        foreach (var argument in (string[])["-B", "-c", Repeat, IndependentVerifier.Script()])
            start.ArgumentList.Add(argument);
        process = Process.Start(start)!;
    }

    /// <inheritdoc cref="IndependentVerifier.Run"/>
    public (int Exit, string Output) Run(params string[] arguments)
    {
        process.StandardInput.WriteLine(JsonSerializer.Serialize(arguments));
        process.StandardInput.Flush();
        using var told = JsonDocument.Parse(
            process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The verifier has a bug."));
        return (told.RootElement[0].GetInt32(), told.RootElement[1].GetString()!);
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
