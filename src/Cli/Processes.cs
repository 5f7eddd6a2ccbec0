using System.ComponentModel;
using System.Diagnostics;

namespace Bifrost.Cli;

/// <summary>Runs other programs.</summary>
internal static class Processes
{
    /// <summary>Waits for a program, whose output is shown where it fails.</summary>
    /// <param name="directory">Where it runs; here where it is null.</param>
    /// <exception cref="OperatorException">It cannot be started, or it failed.</exception>
    public static async Task Run(
        string program, IReadOnlyList<string> arguments, string? directory, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory ?? "",
        };
        using var process = Start(start);
        var (output, errors) = (
            process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        if (process.ExitCode != 0)
        {
            throw new OperatorException(
                $"'{program} {string.Join(' ', arguments)}' failed:\n{await output}{await errors}".TrimEnd());
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new OperatorException($"'{start.FileName}' cannot be started: {e.Message}");
        }
    }
}
