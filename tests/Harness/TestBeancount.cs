using System.Diagnostics;
using Xunit;

namespace Bifrost.Harness;

/// <summary>Beancount's own checker, which the entry script provides to the tests.</summary>
public sealed class TestBeancount
{
    private const string Missing =
        "There is no bean-check. ./bifrost test provides one where Debian's beancount can be had; or set "
        + "BIFROST_TEST_BEANCHECK to a program that takes a file.";

    private readonly string program;

    private TestBeancount(string program) => this.program = program;

    /// <summary>Skips the test where there is no checker.</summary>
    public static TestBeancount OrSkip()
    {
        var program = Environment.GetEnvironmentVariable("BIFROST_TEST_BEANCHECK");
        Skip.If(string.IsNullOrEmpty(program), Missing);
        return new TestBeancount(program!);
    }

    /// <summary>What it finds wrong with a journal; empty where it is right.</summary>
    public async Task<string> Check(string journal)
    {
        var folder = Directory.CreateTempSubdirectory("bifrost-beancount-");
        try
        {
            var file = Path.Combine(folder.FullName, "journal.beancount");
            await File.WriteAllTextAsync(file, journal);
            var start = new ProcessStartInfo(program, [file])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            var found = await output + await errors;
            return process.ExitCode == 0 ? "" : $"exit code {process.ExitCode}: {found}";
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
