using System.Diagnostics;
using Bifrost.Audit.Tests.Keys;

namespace Bifrost.Audit.Tests.Outside;

/// <summary>Other programs, and programs of a few lines.</summary>
internal static class Shell
{
    /// <summary>What it writes on standard output; fails where it fails.</summary>
    public static async Task<byte[]> Run(string directory, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}: {await errors}");
        return output.ToArray();
    }

    /// <summary>A program in a folder.</summary>
    public static string Write(string directory, string name, string lines)
    {
        var file = Path.Combine(directory, name);
        File.WriteAllText(file, $"#!/bin/sh\n{lines}\n");
        AnchoredHome.SetMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    /// <summary>One of ours, which sets variables that nobody else is to see.</summary>
    public static string Script(string directory, string name, string variables) =>
        Write(directory, name, $"{variables} exec '{EntryScript.Root}/scripts/{name}' \"$@\"");
}
