using Bifrost.Audit.Anchors;
using Bifrost.Audit.Keys;

namespace Bifrost.Audit.Tests.Keys;

/// <summary>Others sign anchors too, and whoever verifies may demand that so many of them have.</summary>
public sealed class CoSignerTests(AuditedLedger ledger) : IClassFixture<AuditedLedger>
{
    [Fact]
    public async Task as_many_as_signed_may_be_required_by_both()
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();
        var (bank, notary) = (Make(home, "bank"), Make(home, "notary"));
        home.Folder = home.Folder with { CoSigners = [bank, notary] };
        await home.Grow();
        // Another node of the same home, started with the same settings.
        await home.Grow();

        // Anchors of before there were any are no fault.
        Believed(home.Folder.Anchors, 2, bank, notary);
        Believed(home.Folder.Anchors, 1, notary);
        Believed(home.Folder.Anchors, 0);
        AnchorFile.Latest(home.Folder.Anchors)!.CoSignatures!.Select(other => other.Name).ShouldBe(["bank", "notary"]);
    }

    [Fact]
    public async Task too_few_strangers_and_those_who_left_are_refused_by_both()
    {
        using var home = await AnchoredHome.Over(ledger);
        var (bank, notary, stranger) = (Make(home, "bank"), Make(home, "notary"), Make(home, "stranger"));
        home.Folder = home.Folder with { CoSigners = [bank] };
        await home.Grow();

        Refused(home.Folder.Anchors, 2, bank, notary);
        Refused(home.Folder.Anchors, 1, stranger);
        // One key is one co-signer, whatever it is called.
        Refused(home.Folder.Anchors, 2, bank, bank);
        home.Folder = home.Folder with { CoSigners = [] };
        await home.Grow();
        Refused(home.Folder.Anchors, 1, bank);
    }

    [Fact]
    public async Task a_co_signature_that_was_changed_or_is_for_another_anchor_is_refused_by_both()
    {
        using var home = await AnchoredHome.Over(ledger);
        var bank = Make(home, "bank");
        home.Folder = home.Folder with { CoSigners = [bank] };
        var first = await home.Grow();
        var second = await home.Grow();
        var moved = second with { CoSignatures = first.CoSignatures };
        var changed = second with
        {
            CoSignatures = [second.CoSignatures![0] with { Signature = second.Signature }],
        };

        foreach (var forged in (Anchor[])[moved, changed])
        {
            var file = home.Write(AnchorFile.Name, [first.ToLine(), forged.ToLine()]);
            Refused(file, 1, bank);
            Refused(file, 0);
        }
    }

    [Fact]
    public async Task a_co_signer_whose_key_is_missing_is_not_left_out()
    {
        using var home = await AnchoredHome.Over(ledger);
        home.Folder = home.Folder with { CoSigners = [new CoSigner("bank", Path.Combine(home.Root, "bank.pem"))] };

        (await Should.ThrowAsync<AuditException>(() => home.Grow())).Message.ShouldContain("bank.pem");
    }

    private static CoSigner Make(AnchoredHome home, string name)
    {
        var file = Path.Combine(home.Root, $"{name}.pem");
        AnchorKey.Make(file).Dispose();
        return new CoSigner(name, file);
    }

    private static void Believed(string file, int required, params CoSigner[] trusted)
    {
        Trust(required, trusted).Read(file).Anchors.Count.ShouldBe(3);
        var (exit, output) = Independently(file, required, trusted);
        exit.ShouldBe(0, output);
    }

    private static void Refused(string file, int required, params CoSigner[] trusted)
    {
        Should.Throw<AuditException>(() => Trust(required, trusted).Read(file));
        Independently(file, required, trusted).Exit.ShouldBe(1);
    }

    private static AnchorTrust Trust(int required, CoSigner[] trusted) => new()
    {
        Required = required,
        CoSigners = [.. trusted.Select(other => (other.Name, AnchorKey.ReadPublic(PublicFile(other))))],
    };

    private static (int Exit, string Output) Independently(string file, int required, CoSigner[] trusted) =>
        IndependentVerifier.Run(
        [
            "anchors", file, "--require", $"{required}",
            .. trusted.SelectMany(other => (string[])["--cosigner", $"{other.Name}={PublicFile(other)}"]),
        ]);

    private static string PublicFile(CoSigner other) => AnchorKey.PublicFileOf(other.Key);
}
