using System.Diagnostics;

namespace Bifrost.Harness;

/// <summary>The entry script, run as a person runs it, on the server that is there for the tests.</summary>
public static class EntryScript
{
    /// <summary>Where the working tree is that the tests were built from.</summary>
    public static readonly string Root = FindRoot();

    /// <summary>True where the server is the script's own, which may be stopped.</summary>
    public static bool HasPrivateServer =>
        Home is not null && Environment.GetEnvironmentVariable("BIFROST_TEST_SUPERUSER") is not null;

    // BIFROST_HOME is a folder for what servers of tests leave behind, and has no database.
    private static string? Home => Environment.GetEnvironmentVariable("BIFROST_TEST_HOME");

    public static Task<(int Exit, string Output, string Error)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Root, "bifrost"), arguments);
        if (HasPrivateServer)
        {
            start.Environment["BIFROST_HOME"] = Home;
            // As somebody may have it who works with another server as well: it must not be taken for this one's.
            start.Environment["PGPASSWORD"] = "of another server";
        }
        else
        {
            start.Environment["BIFROST_DATABASE"] = TestPostgres.Owner;
        }
        return Run(start);
    }

    /// <summary>Runs lines of shell in the script's own shell, after <paramref name="parts"/> of it.</summary>
    /// <param name="parts">Names of files in scripts/.</param>
    /// <param name="home">A folder that is empty, or has what the lines want.</param>
    public static Task<(int Exit, string Output, string Error)> RunLines(string[] parts, string home, string lines)
    {
        var sources = string.Concat(parts.Select(part => $". \"$root/scripts/{part}.sh\"\n"));
        return Run(new ProcessStartInfo("sh", ["-c", $"set -eu\nroot=$1\n{sources}{lines}", "sh", Root])
        {
            Environment = { ["BIFROST_HOME"] = home },
        });
    }

    private static Task<(int Exit, string Output, string Error)> Run(ProcessStartInfo start)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        return OperatorTool.RunToEnd(start);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Bifrost.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("No folder above has Bifrost.sln.");
        return folder.FullName;
    }
}
