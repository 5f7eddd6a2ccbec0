using Bifrost.Audit.Anchors;
using Bifrost.Audit.Chains;
using Bifrost.Audit.Exporting;

namespace Bifrost.Audit.Tests.Chains;

/// <summary>What no anchor attests is not said to be attested, by both verifiers.</summary>
public sealed class TailTests : IAsyncLifetime
{
    private readonly AuditedLedger ledger = new();

    private ExportScope Busy => new() { PortfolioId = ledger.Traded.Busy };

    public Task InitializeAsync() => ledger.InitializeAsync();

    public Task DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task what_was_recorded_since_the_newest_anchor_is_told_apart()
    {
        await ledger.Traded.Ledger.Deposit(ledger.Traded.Busy, 3m);

        foreach (var scope in (ExportScope[])[new(), Busy, new() { From = DateTime.UtcNow.AddDays(-1) }])
        {
            var export = await ledger.Export(scope);

            var report = ledger.VerifyExport(export, expected: scope);

            (report.IsVerified, report.NotAnchored, report.Faults).ShouldBe((true, 1, 0));
            var (exit, told) = Theirs(export, ledger.Folder.Anchors, scope);
            (exit, told).ShouldBe((0, told));
            told.ShouldContain($"{report.Anchored} events attested, 1 by no anchor yet");
            Theirs(export, ledger.Folder.Anchors, scope, "--strict").Exit.ShouldBe(1);
        }
    }

    [Fact]
    public async Task an_export_of_which_nothing_is_attested_is_not_verified()
    {
        var portfolio = await ledger.Traded.Ledger.OpenPortfolio(cash: 5m);
        var scope = new ExportScope { PortfolioId = portfolio };
        var export = await ledger.Export(scope);

        var report = ledger.VerifyExport(export, expected: scope);

        (report.IsVerified, report.Anchored, report.Faults).ShouldBe((false, 0, 0));
        var (exit, told) = Theirs(export, ledger.Folder.Anchors, scope);
        (exit, told).ShouldBe((1, "wrong: the anchors attest nothing of this export\n"));
    }

    [Fact]
    public async Task an_export_is_held_to_the_newest_anchor_unless_an_older_one_is_named()
    {
        var (whole, part) = (await ledger.Export(), await ledger.Export(Busy));
        await ledger.Traded.Ledger.Deposit(ledger.Traded.Flat, 3m);
        await ledger.Sign();
        var anchors = AuditVerification.ReadAnchors(ledger.Folder.Anchors, null);
        var size = anchors[^2].Size;

        ledger.VerifyExport(whole).Findings.ShouldHaveSingleItem().Problem.ShouldContain("the tail was deleted");
        Should.Throw<AuditException>(() => ledger.VerifyExport(part, expected: Busy)).Message.ShouldContain("--size");
        foreach (var (export, scope) in ((string, ExportScope)[])[(whole, new()), (part, Busy)])
        {
            new AuditVerification(AuditVerification.Through(anchors, size))
                .Verify(export, scope, new Progress<long>()).IsVerified.ShouldBeTrue();
            Theirs(export, ledger.Folder.Anchors, scope).Exit.ShouldBe(1);
            Theirs(export, ledger.Folder.Anchors, scope, "--size", $"{size}").Exit.ShouldBe(0);
        }
    }

    [Fact]
    public async Task anchors_that_are_missing_are_not_no_anchors()
    {
        var (export, none) = (await ledger.Export(), Path.Combine(ledger.Root, "none.jsonl"));
        await File.WriteAllTextAsync(none, "");

        Should.Throw<AuditException>(() => AuditVerification.Through([], null)).Message.ShouldContain("no anchor");
        Theirs(export, none, new ExportScope()).Exit.ShouldBe(1);
        Should.Throw<AuditException>(() => AuditVerification.Through(
            AuditVerification.ReadAnchors(ledger.Folder.Anchors, null), 7)).Message.ShouldContain("7 events");
        Theirs(export, ledger.Folder.Anchors, new ExportScope(), "--size", "7").Exit.ShouldBe(1);
    }

    [Fact]
    public async Task an_anchor_from_before_heads_is_signed_as_it_was_and_proves_no_portfolios_end()
    {
        var (whole, part) = (await ledger.Export(), await ledger.Export(Busy));
        var old = await Resigned(anchor => anchor with { Heads = null });

        Verify(whole, new ExportScope(), old).IsVerified.ShouldBeTrue();
        Theirs(whole, old, new ExportScope()).Exit.ShouldBe(0);
        Verify(part, Busy, old).Findings.ShouldHaveSingleItem().Problem.ShouldContain("from before anchors said so");
        Theirs(part, old, Busy).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task an_anchor_whose_heads_are_not_those_of_its_log_is_found_by_both()
    {
        var whole = await ledger.Export();
        var lying = await Resigned(anchor => anchor with { Heads = anchor.Root });

        Verify(whole, new ExportScope(), lying).Findings.ShouldHaveSingleItem().Problem
            .ShouldContain("names other last events");
        Theirs(whole, lying, new ExportScope()).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task nothing_is_signed_where_the_last_events_of_portfolios_are_others_than_were_signed()
    {
        await ledger.Tamper(
            """
            DELETE FROM ledger.portfolio_event p WHERE version = (
                SELECT max(version) FROM ledger.portfolio_event q WHERE q.portfolio_id = p.portfolio_id)
                AND seq_id < (SELECT max(seq_id) FROM ledger.portfolio_event)
            """);
        await ledger.Traded.Ledger.Deposit(ledger.Traded.Flat, 3m);

        (await Should.ThrowAsync<AuditException>(ledger.Sign)).Message.ShouldContain("The last events");
    }

    private static AuditReport Verify(string export, ExportScope scope, string anchors) =>
        new AuditVerification(AuditVerification.ReadAnchors(anchors, null))
            .Verify(export, scope, new Progress<long>());

    private static (int Exit, string Told) Theirs(
        string export, string anchors, ExportScope scope, params string[] more) =>
        IndependentVerifier.Run(["export", export, anchors, .. Forging.ForgedLedger.Options(scope), .. more]);

    // By the key itself: its owner may be the one who lies.
    private async Task<string> Resigned(Func<Anchor, Anchor> change)
    {
        using var key = AnchorKey.Open(ledger.Folder.Key);
        var file = Path.Combine(ledger.Root, $"{Guid.NewGuid():N}.jsonl");
        var lines = await File.ReadAllLinesAsync(ledger.Folder.Anchors);
        await File.WriteAllLinesAsync(file, [change(Anchor.Parse(lines[^1])).SignedBy(key).ToLine()]);
        return file;
    }
}
