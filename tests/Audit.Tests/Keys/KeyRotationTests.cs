using Bifrost.Audit.Anchors;
using Bifrost.Audit.Keys;
using Bifrost.EventStore;

namespace Bifrost.Audit.Tests.Keys;

/// <summary>A key hands over to the next, and both verifiers follow from the one that they trust.</summary>
public sealed class KeyRotationTests(AuditedLedger ledger) : IClassFixture<AuditedLedger>
{
    [Fact]
    public async Task whoever_trusts_the_first_key_is_led_to_the_third_by_both()
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();
        var first = Kept(home);
        // A server that runs goes on with the new key.
        using (var running = home.Open())
        {
            Rotate(home);
            await ledger.Traded.Ledger.Deposit(ledger.Traded.Busy, 1m);
            await running.Sign(CancellationToken.None);
        }
        Rotate(home);
        await home.Grow();

        var trusted = Trust(first).Read(home.Folder.Anchors);

        trusted.Keys.Count.ShouldBe(3);
        trusted.Anchors.Select(anchor => anchor.KeyId).ShouldBe(trusted.Keys.Select(key => key.KeyId));
        trusted.Keys.Zip(trusted.Keys.Skip(1)).ShouldAllBe(pair => pair.First.Until == pair.Second.From);
        (trusted.Keys[0].From, trusted.Keys[2].Until).ShouldBe((null, null));
        IndependentVerifier.Run("anchors", home.Folder.Anchors, "--key", first).ShouldBe(
            (0, $"verified: 3 anchors signed with {string.Join(", ", trusted.Keys)}\n"));
        IndependentVerifier.Run("keys", home.Folder.Keys, "--key", first).Exit.ShouldBe(0);
        new AnchorTrust().ReadOwn(home.Folder)!.Anchors.Count.ShouldBe(3);
    }

    [Fact]
    public async Task a_key_leads_to_none_before_it_nor_is_anything_led_to_by_another()
    {
        using var home = await AnchoredHome.Over(ledger);
        using var other = await AnchoredHome.Over(ledger);
        await home.Grow();
        var first = Kept(home);
        Rotate(home);
        await home.Grow();
        await other.Grow();

        Refused(home.Folder.Anchors, "comes before it", home.PublicKey);
        Refused(home.Folder.Anchors, "another key", other.PublicKey);
        // What the new key signed is believed by itself, and all of it where both are trusted.
        var last = home.Write(AnchorFile.Name, [File.ReadLines(home.Folder.Anchors).Last()]);
        Believed(last, 1, home.PublicKey);
        Believed(home.Folder.Anchors, 2, home.PublicKey, first);
        // And nothing leads from the old one to it where the hand-over is not at hand.
        Refused(last, "no hand-over leads to it", first);
        Believed(last, 1, home.Folder.Keys, [first]);
    }

    [Fact]
    public async Task the_list_is_taken_as_the_api_answers_it()
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();
        var first = Kept(home);
        Rotate(home);
        await home.Grow();
        var published = home.Write("published.json", [
            $"{{\"keys\":[],\"statements\":[{string.Join(',', File.ReadLines(home.Folder.Keys))}]}}"]);
        var last = home.Write(AnchorFile.Name, [File.ReadLines(home.Folder.Anchors).Last()]);

        Believed(last, 1, published, [first]);
    }

    [Fact]
    public async Task a_key_that_handed_over_signs_no_more_and_the_next_none_before()
    {
        using var home = await AnchoredHome.Over(ledger);
        var (before, keptKey) = (await home.Grow(), Path.Combine(home.Root, "kept.pem"));
        File.Copy(home.Folder.Key, keptKey);
        Rotate(home);
        var after = await home.Grow();
        using var old = AnchorKey.Open(keptKey);
        using var next = AnchorKey.Open(home.Folder.Key);
        var lines = await File.ReadAllLinesAsync(home.Folder.Anchors);
        var handOver = KeyFile.Read(home.Folder.Keys).Statements.Single();

        var late = Signed(LogState.Of(after), after.At, old);
        RefusedWith(home, "handed over to", [lines[0], late]);
        var backdated = Signed(LogState.Of(after), before.At, old);
        RefusedWith(home, "handed over to", [lines[0], backdated]);
        var early = Signed(LogState.Of(before), after.At, next);
        RefusedWith(home, "was handed over to at", [early, lines[1]]);
        var otherRoot = LogState.Of(before) with { Root = new string('a', 64) };
        RefusedWith(home, "contradicts the hand-over", [Signed(otherRoot, before.At, old), lines[1]]);
        (handOver.Size, handOver.Root).ShouldBe((before.Size, before.Root));
    }

    /// <summary>What is done to a hand-over.</summary>
    public static TheoryData<string, string> Forgeries() => new()
    {
        { "\"size\":", "\"size\":1" },
        { "\"at\":\"2", "\"at\":\"1" },
        { "\"root\":\"", "\"root\":\"0" },
        { "\"kind\":\"hand-over\"", "\"kind\":\"revocation\"" },
        { "\"signature\":\"", "\"signature\":\"A" },
        { "\"accepted\":\"", "\"accepted\":\"A" },
        { "\"accepted\":", "\"other\":" },
        { "\"kind\":", "\"from\":\"2020-01-01T00:00:00.000000Z\",\"kind\":" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task a_hand_over_that_was_changed_is_refused_by_both(string text, string changed)
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();
        Rotate(home);
        await home.Grow();
        var line = (await File.ReadAllLinesAsync(home.Folder.Keys)).Single();
        var forged = home.Write(KeyFile.Name, [line.Replace(text, changed, StringComparison.Ordinal)]);

        Should.Throw<AuditException>(() => new AnchorTrust().Read(home.Folder.Anchors, forged));
        IndependentVerifier.Run("anchors", home.Folder.Anchors, "--keys", forged).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task a_hand_over_by_whoever_has_no_key_of_the_chain_is_refused_by_both()
    {
        using var home = await AnchoredHome.Over(ledger);
        using var thief = await AnchoredHome.Over(ledger);
        var anchor = await home.Grow();
        await thief.Grow();
        using var stranger = AnchorKey.Open(thief.Folder.Key);
        using var victim = AnchorKey.Open(home.Folder.Key);
        using var third = AnchorKey.Make(Path.Combine(home.Root, "third.pem"));
        var now = TimeProvider.System.GetUtcNow();
        var log = LogState.Of(anchor);
        // To itself, and one that would take the word of its victim's for itself.
        var own = KeyStatement.OfHandOver(log, stranger, third, now);
        var taken = KeyStatement.OfHandOver(log, stranger, victim, now);
        var after = home.Write(AnchorFile.Name,
        [
            await LastLine(home), Signed(log with { Size = log.Size + 1 }, EventHash.Text(now.AddSeconds(1)), third),
        ]);

        foreach (var forged in (KeyStatement[])[own, taken, own with { PublicKey = victim.PublicKey }])
        {
            var keys = home.Write(KeyFile.Name, [forged.ToLine()]);
            Should.Throw<AuditException>(() => Trust(home.PublicKey).Read(after, keys));
            IndependentVerifier.Run("anchors", after, "--key", home.PublicKey, "--keys", keys).Exit.ShouldBe(1);
        }
        // The true one is believed.
        Believed(after, 2, home.Write(KeyFile.Name, [KeyStatement.OfHandOver(log, victim, third, now).ToLine()]),
            [home.PublicKey]);
    }

    [Fact]
    public async Task what_a_revoked_key_signed_from_then_on_is_refused_by_both()
    {
        using var home = await AnchoredHome.Over(ledger);
        var early = await home.Grow();
        var late = await home.Grow();
        var first = Kept(home);
        Rotate(home);
        await home.Grow();
        var lines = await File.ReadAllLinesAsync(home.Folder.Anchors);

        var from = DateTimeOffset.Parse(late.At, null);
        KeyRotation.Revoke(home.Folder, early.KeyId, from, TimeProvider.System);

        Refused(home.Folder.Anchors, $"which is revoked from {late.At} on", first);
        var without = home.Write(AnchorFile.Name, [lines[0], lines[2]]);
        // The hand-over is younger than that: whoever had the key may have made it.
        RefusedAs(without, "the hand-over to", home.Folder.Keys, [first]);
        Believed(without, 2, home.Folder.Keys, [first, home.PublicKey]);
        KeyFile.Read(home.Folder.Keys).Spans[0].RevokedFrom.ShouldBe(late.At);
    }

    [Fact]
    public async Task a_key_that_is_revoked_from_after_its_hand_over_loses_nothing()
    {
        using var home = await AnchoredHome.Over(ledger);
        var signed = await home.Grow();
        var first = Kept(home);
        Rotate(home);
        await home.Grow();

        KeyRotation.Revoke(home.Folder, signed.KeyId, TimeProvider.System.GetUtcNow(), TimeProvider.System);

        Believed(home.Folder.Anchors, 2, first);
        // Once revoked from earlier on, nobody takes that back.
        KeyRotation.Revoke(home.Folder, signed.KeyId, DateTimeOffset.Parse(signed.At, null), TimeProvider.System);
        KeyRotation.Revoke(home.Folder, signed.KeyId, TimeProvider.System.GetUtcNow(), TimeProvider.System);
        Refused(home.Folder.Anchors, "revoked", first);
        await home.Grow();
    }

    [Fact]
    public async Task only_a_key_of_the_past_is_revoked()
    {
        using var home = await AnchoredHome.Over(ledger);
        var signed = await home.Grow();
        var now = TimeProvider.System.GetUtcNow();

        Should.Throw<AuditException>(() => KeyRotation.Revoke(home.Folder, signed.KeyId, now, TimeProvider.System))
            .Message.ShouldContain("keys rotate");
        Should.Throw<AuditException>(() => KeyRotation.Revoke(home.Folder, "0000", now, TimeProvider.System))
            .Message.ShouldContain("keys list");
        File.Exists(home.Folder.Keys).ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_rotation_that_was_cut_short_is_brought_to_its_end_or_to_nothing(bool isSaid)
    {
        using var home = await AnchoredHome.Over(ledger);
        var anchor = await home.Grow();
        var first = Kept(home);
        using (var old = AnchorKey.Open(home.Folder.Key))
        using (var next = AnchorKey.Make(home.Folder.Key + ".next"))
        {
            if (isSaid)
                KeyFile.Append(home.Folder.Keys, KeyStatement.OfHandOver(
                    LogState.Of(anchor), old, next, TimeProvider.System.GetUtcNow()));
        }
        new AnchorTrust().ReadOwn(home.Folder).ShouldNotBeNull();

        var signed = await home.Grow();

        (signed.KeyId != anchor.KeyId).ShouldBe(isSaid);
        Rotate(home);
        await home.Grow();
        Believed(home.Folder.Anchors, 3, first);
        Directory.GetFiles(home.Root).Select(Path.GetFileName).Order()
            .ShouldBe(["anchor.pem", "anchor.pub.pem", "first.pub.pem", "keys.lock"]);
        AnchorKey.ReadPublic(home.PublicKey).ShouldBe(AnchorKey.ReadPublic(home.Folder.Key));
    }

    [Fact]
    public async Task anchors_that_are_signed_while_keys_change_are_all_believed()
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();
        var first = Kept(home);
        using var running = home.Open();

        var rotating = Task.Run(() =>
        {
            for (var i = 0; i < 8; i++)
                Rotate(home);
        });
        do
        {
            await ledger.Traded.Ledger.Deposit(ledger.Traded.Busy, 1m);
            await running.Sign(CancellationToken.None);
        }
        while (!rotating.IsCompleted);
        await rotating;

        Trust(first).Read(home.Folder.Anchors).Anchors.Count.ShouldBeGreaterThan(1);
        KeyFile.Read(home.Folder.Keys).Spans.Count.ShouldBe(9);
    }

    [Fact]
    public async Task other_logs_that_the_key_signed_are_handed_over_as_well()
    {
        using var home = await AnchoredHome.Over(ledger);
        var anchor = await home.Grow();
        var other = home.Folder with { Log = Guid.NewGuid() };
        other = other with { Path = Path.Combine(home.Root, other.Log.ToString("D")) };
        Directory.CreateDirectory(other.Path);
        using (var key = AnchorKey.Open(home.Folder.Key))
            await File.WriteAllTextAsync(
                other.Anchors, Signed(LogState.Of(anchor) with { Log = other.Log }, anchor.At, key) + "\n");
        var first = Kept(home);

        Rotate(home);

        Believed(home.Folder.Anchors, 1, first);
        Believed(other.Anchors, 1, first);
        KeyFile.Read(other.Keys).Newest.ShouldBe(AnchorKey.ReadPublic(home.PublicKey));
    }

    [Fact]
    public async Task a_key_may_be_changed_before_anything_is_anchored()
    {
        using var home = await AnchoredHome.Over(ledger);
        Rotate(home);
        new AnchorTrust().ReadOwn(home.Folder).ShouldBeNull();

        await home.Grow();

        new AnchorTrust().ReadOwn(home.Folder)!.Keys.Single().From.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task anchors_from_before_a_hand_over_that_are_gone_are_missed(int left)
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();
        await home.Grow();
        Rotate(home);
        File.Delete(home.Folder.Newest);
        await File.WriteAllLinesAsync(home.Folder.Anchors, (await File.ReadAllLinesAsync(home.Folder.Anchors))[..left]);

        Should.Throw<AuditException>(() => new AnchorTrust().ReadOwn(home.Folder));
    }

    [Fact]
    public async Task without_its_key_nothing_is_rotated()
    {
        using var home = await AnchoredHome.Over(ledger);
        await home.Grow();
        File.Delete(home.Folder.Key);

        Should.Throw<AuditException>(() => Rotate(home)).Message.ShouldContain("is gone");
    }

    private static void Rotate(AnchoredHome home) => KeyRotation.Rotate(home.Folder, TimeProvider.System);

    private static string Kept(AnchoredHome home)
    {
        var kept = Path.Combine(home.Root, "first.pub.pem");
        File.Copy(home.PublicKey, kept);
        return kept;
    }

    private static async Task<string> LastLine(AnchoredHome home) =>
        (await File.ReadAllLinesAsync(home.Folder.Anchors))[^1];

    private static string Signed(LogState log, string at, AnchorKey key) =>
        Anchor.Sign(log, DateTimeOffset.Parse(at, null), key, []).ToLine();

    private static AnchorTrust Trust(params string[] keys) => new() { Keys = [.. keys.Select(AnchorKey.ReadPublic)] };

    private static void Believed(string file, int count, params string[] trusted) =>
        Believed(file, count, KeysBeside(file), trusted);

    private static void Believed(string file, int count, string keys, string[] trusted)
    {
        Trust(trusted).Read(file, File.Exists(keys) ? keys : null).Anchors.Count.ShouldBe(count);
        var (exit, output) = Independently(file, keys, trusted);
        exit.ShouldBe(0, output);
        output.ShouldStartWith($"verified: {count} anchors ");
    }

    private static void Refused(string file, string because, params string[] trusted) =>
        RefusedAs(file, because, KeysBeside(file), trusted);

    private static void RefusedAs(string file, string because, string keys, string[] trusted)
    {
        Should.Throw<AuditException>(() => Trust(trusted).Read(file, File.Exists(keys) ? keys : null))
            .Message.ShouldContain(because);
        Independently(file, keys, trusted).Exit.ShouldBe(1);
    }

    private static void RefusedWith(AnchoredHome home, string because, string[] lines)
    {
        var file = home.Write(AnchorFile.Name, lines);
        Should.Throw<AuditException>(() => new AnchorTrust().Read(file, home.Folder.Keys))
            .Message.ShouldContain(because);
        IndependentVerifier.Run("anchors", file, "--keys", home.Folder.Keys).Exit.ShouldBe(1);
    }

    private static (int Exit, string Output) Independently(string file, string keys, string[] trusted) =>
        IndependentVerifier.Run(
        [
            "anchors", file, .. File.Exists(keys) ? (string[])["--keys", keys] : [],
            .. trusted.SelectMany(key => (string[])["--key", key]),
        ]);

    private static string KeysBeside(string file) => Path.Combine(Path.GetDirectoryName(file)!, KeyFile.Name);
}
