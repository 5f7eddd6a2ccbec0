using Bifrost.Harness;

namespace Bifrost.Bench.Tests;

/// <summary>What is in the ledger is written for its owner alone; an export is held to what was asked for.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class PrivacyTests : IDisposable
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string folder = Directory.CreateTempSubdirectory("bifrost-privacy-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task a_home_is_made_for_its_owner_alone()
    {
        var home = Path.Combine(folder, "below", "home");

        var (exit, _, error) = await EntryScript.RunLines(["common"], home, "umask 022\nmake_home\n");

        exit.ShouldBe(0, error);
        // Where the user postgres cannot be shown its files elsewhere it goes through, and sees nothing.
        (File.GetUnixFileMode(home) & ~(UnixFileMode.GroupExecute | UnixFileMode.OtherExecute))
            .ShouldBe(OnlyOwner | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task an_export_is_readable_for_its_owner_alone_and_verified_as_what_was_asked_for()
    {
        var export = Path.Combine(folder, "history.jsonl");
        // Whoever had the name before had other rights.
        await File.WriteAllTextAsync(export, "");

        var (exit, _, error) = await EntryScript.Run("audit", "export", "--format", "jsonl", "--out", export);

        exit.ShouldBe(0, error);
        File.GetUnixFileMode(export).ShouldBe(OnlyOwner);
        (await EntryScript.Run("audit", "verify", "--export", export)).Exit.ShouldBe(0);
        var other = await EntryScript.Run("audit", "verify", "--export", export, "--portfolio", "1");
        (other.Exit, other.Error.Contains("portfolio 1 was asked for", StringComparison.Ordinal)).ShouldBe((1, true));
        (await EntryScript.Run("audit", "verify", "--portfolio", "1")).Exit.ShouldNotBe(0);
    }
}
