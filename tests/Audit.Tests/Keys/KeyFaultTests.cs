using System.Security.Cryptography;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Chains;

namespace Bifrost.Audit.Tests.Keys;

/// <summary>
/// What happens to keys and anchors on a machine is neither believed nor put right in silence: the signer signs no
/// more, and both verifiers refuse.
/// </summary>
public sealed class KeyFaultTests(AuditedLedger ledger) : IClassFixture<AuditedLedger>
{
    [Fact]
    public async Task a_key_that_was_deleted_is_not_made_anew()
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();
        File.Delete(home.Folder.Key);

        await Refuses(home, "is gone");

        File.Exists(home.Folder.Key).ShouldBeFalse();
        AnchorFile.Latest(home.Folder.Anchors)!.KeyId.ShouldBe(AnchorFile.Read(home.Folder.Anchors)[0].KeyId);
    }

    [Fact]
    public async Task a_key_that_is_deleted_while_a_server_signs_is_missed_at_once()
    {
        using var home = await AnchoredHome.Over(ledger);
        using var signer = home.Open();
        await signer.Sign(CancellationToken.None);
        File.Delete(home.Folder.Key);

        await Should.ThrowAsync<AuditException>(() => signer.Sign(CancellationToken.None));
    }

    [Fact]
    public async Task another_key_in_the_place_of_the_key_signs_nothing()
    {
        using var home = await AnchoredHome.Over(ledger);
        using var other = await AnchoredHome.Over(ledger);
        await home.Grow();
        await other.Sign();
        File.Copy(other.Folder.Key, home.Folder.Key, overwrite: true);

        await Refuses(home, "no key takes the place of another in silence");
    }

    [Fact]
    public async Task two_keys_that_nothing_connects_are_refused_by_both()
    {
        using var home = await AnchoredHome.Over(ledger);
        using var other = await AnchoredHome.Over(ledger);
        await home.Grow();
        await other.Grow();
        var file = home.Write(
            AnchorFile.Name, [File.ReadLines(home.Folder.Anchors).Last(), File.ReadLines(other.Folder.Anchors).Last()]);

        RefusedByBoth(file, "another key");
        // Each by itself is believed: two servers with a home of their own may sign one log.
        AuditVerification.ReadAnchors(home.Folder.Anchors, home.PublicKey).Count.ShouldBe(1);
        AuditVerification.ReadAnchors(other.Folder.Anchors, other.PublicKey).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("", "no anchors")]
    [InlineData("{\"log\":", "cut off")]
    public async Task a_file_that_should_have_anchors_and_has_none_is_refused_by_both(string text, string because)
    {
        using var home = await AnchoredHome.Over(ledger);
        var file = home.Write(AnchorFile.Name, []);
        await File.WriteAllTextAsync(file, text);

        RefusedByBoth(file, because);
        RefusedByBoth(Path.Combine(home.Root, "none.jsonl"), "no anchors");
    }

    [Fact]
    public async Task a_copy_that_is_cut_off_in_a_line_is_refused_by_both()
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();
        await home.Grow();
        var lines = await File.ReadAllLinesAsync(home.Folder.Anchors);
        var atEnd = home.Write(AnchorFile.Name, [lines[0]]);
        await File.AppendAllTextAsync(atEnd, lines[1][..80]);

        RefusedByBoth(atEnd, "cut off");
        RefusedByBoth(home.Write(AnchorFile.Name, [lines[0][..80], lines[1]]), "");
        RefusedByBoth(home.Write(AnchorFile.Name, [lines[1], lines[0]]), "");
        RefusedByBoth(home.Write(AnchorFile.Name, [lines[0], lines[0]]), "");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task anchors_that_were_emptied_or_cut_off_are_missed_by_the_signer(bool isRunning)
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();
        await home.Grow();
        var whole = await File.ReadAllLinesAsync(home.Folder.Anchors);
        using var running = isRunning ? home.Open() : null;
        foreach (var left in (string[][])[[], [whole[0]]])
        {
            await File.WriteAllLinesAsync(home.Folder.Anchors, left);

            if (running is null)
                await Refuses(home, "cut off");
            else
                (await Should.ThrowAsync<AuditException>(() => running.Sign(default))).Message.ShouldContain("cut off");
        }
        await File.WriteAllLinesAsync(home.Folder.Anchors, whole);
    }

    [Fact]
    public async Task a_line_that_was_half_written_when_the_process_ended_is_no_fault()
    {
        using var home = await AnchoredHome.Over(ledger);
        var first = await home.Grow();
        await File.AppendAllTextAsync(home.Folder.Anchors, "{\"log\":\"");

        var second = await home.Grow();

        AuditVerification.ReadAnchors(home.Folder.Anchors, null).Select(anchor => anchor.Size)
            .ShouldBe([first.Size, second.Size]);
    }

    [Fact]
    public async Task a_clock_before_the_newest_anchor_signs_nothing_until_it_is_right()
    {
        using var home = await AnchoredHome.Over(ledger);
        var anchor = await home.Grow();
        await ledger.Traded.Ledger.Deposit(ledger.Traded.Busy, 1m);
        var before = new StandingClock(DateTimeOffset.Parse(anchor.At, null).AddSeconds(-1));

        (await Should.ThrowAsync<AuditException>(() => home.Sign(before))).Message.ShouldContain("clock");

        (await home.Sign()).ShouldNotBeNull();
    }

    [Fact]
    public async Task a_key_of_another_kind_is_refused()
    {
        using var home = await AnchoredHome.Over(ledger);
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // As many bits, and another curve: secp256k1.
        using var other = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        string[] wrong =
        [
            rsa.ExportPkcs8PrivateKeyPem(), p384.ExportPkcs8PrivateKeyPem(), other.ExportPkcs8PrivateKeyPem(),
            p256.ExportSubjectPublicKeyInfoPem(), "", "no key",
        ];
        foreach (var pem in wrong)
        {
            Write(home.Folder.Key, pem);
            await Refuses(home, "is no private key on the curve P-256");
        }
        File.Exists(home.Folder.Anchors).ShouldBeFalse();
    }

    [Fact]
    public async Task a_key_that_others_may_read_is_refused()
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();
        AnchoredHome.SetMode(home.Folder.Key, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        await Refuses(home, "chmod 600");

        AnchoredHome.SetMode(home.Folder.Key, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        await home.Sign();
    }

    private static async Task Refuses(AnchoredHome home, string because)
    {
        var before = Size(home.Folder.Anchors);
        (await Should.ThrowAsync<AuditException>(() => home.Sign())).Message.ShouldContain(because);
        Size(home.Folder.Anchors).ShouldBe(before);
    }

    private static long Size(string file) => new FileInfo(file) is { Exists: true } there ? there.Length : 0;

    private static void RefusedByBoth(string file, string because)
    {
        Should.Throw<AuditException>(() => AuditVerification.ReadAnchors(file, null)).Message.ShouldContain(because);
        IndependentVerifier.Run("anchors", file).Exit.ShouldBe(1);
    }

    private static void Write(string file, string text)
    {
        File.WriteAllText(file, text);
        AnchoredHome.SetMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
