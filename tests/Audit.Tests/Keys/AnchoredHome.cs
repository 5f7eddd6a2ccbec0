using Bifrost.Audit.Anchors;

namespace Bifrost.Audit.Tests.Keys;

/// <summary>A home of its own, with a key of its own, over the log of a ledger that others sign as well.</summary>
internal sealed class AnchoredHome : IDisposable
{
    private readonly AuditedLedger ledger;

    private AnchoredHome(AuditedLedger ledger, string root, AuditFolder folder) =>
        (this.ledger, Root, Folder) = (ledger, root, folder);

    public string Root { get; }

    public AuditFolder Folder { get; set; }

    /// <summary>The file of the public part of the key that signs now.</summary>
    public string PublicKey => Path.Combine(Root, "anchor.pub.pem");

    public static async Task<AnchoredHome> Over(AuditedLedger ledger)
    {
        var root = Directory.CreateTempSubdirectory("bifrost-home-").FullName;
        return new(ledger, root, await AuditFolder.Of(ledger.Traded.Reads, root, null, CancellationToken.None));
    }

    /// <summary>As a process does it that starts, signs and ends.</summary>
    public async Task<Anchor?> Sign(TimeProvider? clock = null)
    {
        using var signer = Open(clock);
        return await signer.Sign(CancellationToken.None);
    }

    /// <summary>Has something happen and signs it.</summary>
    public async Task<Anchor> Grow()
    {
        await ledger.Traded.Ledger.Deposit(ledger.Traded.Busy, 1m);
        return (await Sign()).ShouldNotBeNull();
    }

    public AnchorSigner Open(TimeProvider? clock = null) =>
        AnchorSigner.Open(ledger.Traded.Reads, Folder, clock ?? TimeProvider.System);

    /// <summary>A copy of what it says, to be changed.</summary>
    public string Write(string name, IEnumerable<string> lines)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(Root, $"{Guid.NewGuid():N}")).FullName, name);
        File.WriteAllText(file, string.Concat(lines.Select(line => line + "\n")));
        return file;
    }

    public static void SetMode(string file, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, mode);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

/// <summary>A clock that stands.</summary>
internal sealed class StandingClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
