using System.Text;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Keys;
using Bifrost.Audit.Outside;
using Bifrost.Audit.Tests.Keys;

namespace Bifrost.Audit.Tests.Outside;

/// <summary>Programs take anchors outside; what they answer is kept, and is held to the anchors.</summary>
public sealed class HookTests(AuditedLedger ledger) : IClassFixture<AuditedLedger>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task anchors_go_to_a_git_remote_and_a_rewritten_one_is_found()
    {
        using var home = await AnchoredHome.Over(ledger);
        await Shell.Run(home.Root, "git", "init", "--quiet", "--bare", "remote.git");
        var remote = Path.Combine(home.Root, "remote.git");
        var git = Hook(Shell.Script(home.Root, "anchor-git.sh", $"BIFROST_ANCHOR_GIT='{remote}'"));
        var first = await home.Grow();
        await Send(git, home);
        var second = await home.Grow();
        await Send(git, home);
        // It has it already.
        await Send(git, home);

        var receipts = ReceiptFile.Read(home.Folder.Receipts);

        receipts.Select(receipt => (receipt.Hook, receipt.Size, receipt.Anchor)).ShouldBe(
            [("anchor-git", first.Size, first.Hash), ("anchor-git", second.Size, second.Hash)]);
        var stored = await Shell.Run(remote, "git", "show", $"anchors:{first.Log:D}/{AnchorFile.Name}");
        Encoding.UTF8.GetString(stored).ShouldBe(await File.ReadAllTextAsync(home.Folder.Anchors));
        (await Verify(git, home)).ShouldBe(second.Size);
        // The remote's history begins anew, as if the second anchor had never been.
        await Shell.Run(remote, "git", "update-ref", "refs/heads/anchors", Text(receipts[0]));
        (await Should.ThrowAsync<AuditException>(() => Verify(git, home))).Message.ShouldContain("is not in anchors");
    }

    [Fact]
    public async Task a_commit_that_does_not_have_the_anchor_is_no_receipt_for_it()
    {
        using var home = await AnchoredHome.Over(ledger);
        await Shell.Run(home.Root, "git", "init", "--quiet", "--bare", "remote.git");
        var git = Hook(Shell.Script(home.Root, "anchor-git.sh", $"BIFROST_ANCHOR_GIT='{home.Root}/remote.git'"));
        await home.Grow();
        await Send(git, home);
        var second = await home.Grow();
        var receipt = ReceiptFile.Read(home.Folder.Receipts).Single();

        var anchors = AnchorFile.Read(home.Folder.Anchors);
        var moved = receipt with { Size = second.Size, Anchor = second.Hash };
        (await Should.ThrowAsync<AuditException>(() => git.Verify([moved], anchors, default))).Message
            .ShouldContain("does not have the anchor");
    }

    [Fact]
    public async Task anchors_are_stamped_and_a_stamp_is_for_one_anchor_and_one_authority()
    {
        using var home = await AnchoredHome.Over(ledger);
        var (folder, others) = (Directory.CreateDirectory(Path.Combine(home.Root, "tsa")).FullName,
            Directory.CreateDirectory(Path.Combine(home.Root, "other")).FullName);
        await using var service = await TimeStampServer.Start(folder);
        await using var other = await TimeStampServer.Start(others);
        var stamp = Hook(Stamping(home.Root, service.Url, service.Authority));
        await home.Grow();
        await Send(stamp, home);
        var second = await home.Grow();

        (await Verify(stamp, home)).ShouldBe(AnchorFile.Read(home.Folder.Anchors)[0].Size);
        var receipt = ReceiptFile.Read(home.Folder.Receipts).Single();
        var anchors = AnchorFile.Read(home.Folder.Anchors);
        var moved = receipt with { Size = second.Size, Anchor = second.Hash };
        await Should.ThrowAsync<AuditException>(() => stamp.Verify([moved], anchors, default));
        var untrusting = Hook(Stamping(home.Root, service.Url, other.Authority));
        await Should.ThrowAsync<AuditException>(() => untrusting.Verify([receipt], anchors, default));
        // Nor is what it does not believe kept as a receipt.
        await Should.ThrowAsync<AuditException>(() => Send(untrusting, home));
        ReceiptFile.Read(home.Folder.Receipts).Count.ShouldBe(1);
    }

    /// <summary>Programs that do not do what they should, and what is said of them.</summary>
    public static TheoryData<string, string> Failing() => new()
    {
        { "cat >/dev/null; echo nobody answers >&2; exit 3", "exited with 3" },
        { "cat >/dev/null; echo nobody answers >&2; exit 3", "nobody answers" },
        { "exit 1", "exited with 1" },
        { "exit 0", "gave no receipt" },
        { "sleep 600", "took longer" },
        { "sleep 600 & sleep 600", "took longer" },
        { "head -c 70000 /dev/zero", "more than 65536 bytes" },
        { "yes >&2", "took longer" },
    };

    [Theory]
    [MemberData(nameof(Failing))]
    public async Task a_program_that_fails_is_told_of_and_leaves_no_receipt(string lines, string because)
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();
        var limit = because == "took longer" ? TimeSpan.FromSeconds(1) : Limit;
        var hook = new AnchorHook(Shell.Write(home.Root, "failing.sh", lines), limit);

        (await Should.ThrowAsync<AuditException>(() => Send(hook, home))).Message.ShouldContain(because);

        File.Exists(home.Folder.Receipts).ShouldBeFalse();
        await home.Grow();
    }

    [Fact]
    public async Task a_program_that_is_not_there_is_told_of()
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();

        (await Should.ThrowAsync<AuditException>(() => Send(Hook("/nowhere/hook"), home))).Message
            .ShouldContain("cannot be started");
    }

    [Fact]
    public async Task a_program_is_given_the_anchor_and_nothing_that_opens_the_ledger()
    {
        using var home = await AnchoredHome.Over(ledger);
        var anchor = await home.Grow();
        const string name = "BIFROST_API_KEY";
        var before = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, "secret");
        try
        {
            await Send(Hook(Shell.Write(home.Root, "shows.sh", "cat; pwd; env")), home);
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, before);
        }

        var receipt = Text(ReceiptFile.Read(home.Folder.Receipts).Single());
        receipt.ShouldStartWith($"{anchor.ToLine()}\n{home.Root}\n");
        receipt.ShouldNotContain("secret");
    }

    [Fact]
    public async Task an_anchor_that_was_taken_outside_and_then_changed_or_deleted_is_missed_by_both()
    {
        using var home = await AnchoredHome.Over(ledger);
        var hook = Hook(Shell.Write(home.Root, "takes.sh", "sha256sum"));
        await home.Grow();
        await Send(hook, home);
        var second = await home.Grow();
        await Send(hook, home);
        var whole = await File.ReadAllLinesAsync(home.Folder.Anchors);
        new AnchorTrust().ReadOwn(home.Folder)!.Anchors.Count.ShouldBe(2);
        Text(ReceiptFile.Read(home.Folder.Receipts)[^1]).ShouldStartWith(second.Hash);
        Independently(home).ShouldBe(0);
        using var key = AnchorKey.Open(home.Folder.Key);
        var changed = Anchor.Sign(LogState.Of(second), DateTimeOffset.Parse(second.At, null), key, []).ToLine();
        // What could tell of the second anchor but its receipt.
        File.Delete(home.Folder.Newest);

        foreach (var left in (string[][])[[whole[0], changed], [whole[1]], [whole[0]]])
        {
            await File.WriteAllLinesAsync(home.Folder.Anchors, left);
            Should.Throw<AuditException>(() => new AnchorTrust().ReadOwn(home.Folder)).Message
                .ShouldContain("gave a receipt for");
            Independently(home).ShouldBe(1);
        }
        File.Delete(home.Folder.Anchors);
        Should.Throw<AuditException>(() => new AnchorTrust().ReadOwn(home.Folder)).Message.ShouldContain("no anchors");
    }

    private static AnchorHook Hook(string program) => new(program, Limit);

    private static Task Send(AnchorHook hook, AnchoredHome home) =>
        hook.Send(home.Folder, TimeProvider.System, CancellationToken.None);

    private static async Task<long> Verify(AnchorHook hook, AnchoredHome home) => (await hook.Verify(
        ReceiptFile.Read(home.Folder.Receipts), AnchorFile.Read(home.Folder.Anchors), CancellationToken.None)).Size;

    private static string Stamping(string folder, string url, string authority) => Shell.Script(
        folder, "anchor-timestamp.sh", $"BIFROST_ANCHOR_TSA='{url}' BIFROST_ANCHOR_TSA_CA='{authority}'");

    private static string Text(AnchorReceipt receipt) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(receipt.Receipt)).TrimEnd('\n');

    private static int Independently(AnchoredHome home) =>
        IndependentVerifier.Run("receipts", home.Folder.Receipts, home.Folder.Anchors).Exit;
}
