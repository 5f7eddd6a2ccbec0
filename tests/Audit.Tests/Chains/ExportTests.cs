using System.Text;
using Bifrost.Audit.Exporting;

namespace Bifrost.Audit.Tests.Chains;

/// <summary>
/// An export is verified where there is no database, by us and by a program that has nothing of ours.
/// </summary>
public sealed class ExportTests(AuditedLedger ledger) : IClassFixture<AuditedLedger>
{
    private const int Line = 7;

    [Fact]
    public async Task an_export_is_verified_with_its_anchors_by_both()
    {
        var export = await ledger.Export();

        var report = ledger.VerifyExport(export);

        report.Findings.ShouldBeEmpty();
        (report.Events, report.Anchored).ShouldBe((ledger.Sequences.Count, ledger.Sequences.Count));
        IndependentVerifier.Run("export", export, ledger.Folder.Anchors).ShouldBe(
            (0,
            $"verified: {report.Events} events of 4 portfolios, 2 anchors signed with {report.Keys.Single()} "
            + "(the beginning to now), "
            + $"{report.Events} events attested\n"));
    }

    [Fact]
    public async Task a_part_without_proofs_is_held_to_its_chains_alone_and_no_anchor_attests_it()
    {
        var scope = new ExportScope { PortfolioId = ledger.Traded.Busy };
        var export = await ledger.Export(scope, withProofs: false);
        string[] asked = ["--portfolio", $"{scope.PortfolioId}"];

        ledger.VerifyExport(export, withAnchors: false, scope).IsVerified.ShouldBeTrue();
        IndependentVerifier.Run(["export", export, .. asked]).Exit.ShouldBe(0);
        Should.Throw<AuditException>(() => ledger.VerifyExport(export, expected: scope))
            .Message.ShouldContain("carries no proofs");
        IndependentVerifier.Run(["export", export, ledger.Folder.Anchors, .. asked]).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task a_part_is_not_taken_for_all_of_the_log_nor_all_of_it_for_a_part()
    {
        var scope = new ExportScope { PortfolioId = ledger.Traded.Busy };

        var (part, whole) = (await ledger.Export(scope), await ledger.Export());

        Should.Throw<AuditException>(() => ledger.VerifyExport(part, withAnchors: false))
            .Message.ShouldContain("all of the log was asked for");
        Should.Throw<AuditException>(() => ledger.VerifyExport(whole, withAnchors: false, scope))
            .Message.ShouldContain($"portfolio {scope.PortfolioId} was asked for");
        IndependentVerifier.Run("export", part).Exit.ShouldBe(1);
        IndependentVerifier.Run("export", whole, "--portfolio", $"{scope.PortfolioId}").Exit.ShouldBe(1);
    }

    [Fact]
    public async Task a_part_of_a_log_that_is_not_what_was_anchored_is_not_exported()
    {
        try
        {
            await ledger.Tamper(TamperTests.Rewritten.Replace("$N", "3", StringComparison.Ordinal));
            var scope = new ExportScope { PortfolioId = ledger.Traded.Busy };

            (await Should.ThrowAsync<AuditException>(() => ledger.Export(scope)))
                .Message.ShouldContain("is not what the anchor of");
        }
        finally
        {
            await ledger.Undo();
        }
    }

    /// <summary>What is done to the lines of an export: the first event's is number 1.</summary>
    public static TheoryData<string, Action<List<string>>, bool> Tampering() => new()
    {
        { "a payload", lines => lines[Line] = Last(lines[Line], "\"portfolioId\": ", "\"portfolioId\": 1"), false },
        { "a time", lines => lines[Line] = lines[Line].Replace("\"recordedAt\":\"2", "\"recordedAt\":\"3"), false },
        { "a sequence", lines => lines[Line] = lines[Line].Replace("{\"sequence\":", "{\"sequence\":9"), false },
        { "an event deleted", lines => (lines[^1], lines[Line]) = (Counted(lines, -1), ""), false },
        { "an event twice", lines => { lines.Insert(Line, lines[Line]); lines[^1] = Counted(lines, 1); }, false },
        { "two events swapped", lines => (lines[Line], lines[Line + 1]) = (lines[Line + 1], lines[Line]), false },
        { "the tail", lines => { lines.RemoveRange(Line, lines.Count - Line - 1); lines[^1] = End(lines); }, true },
        { "cut off", lines => lines.RemoveAt(lines.Count - 1), false },
    };

    [Theory]
    [MemberData(nameof(Tampering))]
    public async Task a_tampered_export_is_found_by_both(string what, Action<List<string>> tamper, bool needsAnchors)
    {
        var export = await ledger.Export();
        var lines = (await File.ReadAllLinesAsync(export)).ToList();
        tamper(lines);
        await File.WriteAllLinesAsync(export, lines.Where(line => line.Length > 0), new UTF8Encoding(false));

        IsFound(() => ledger.VerifyExport(export)).ShouldBeTrue(what);
        IndependentVerifier.Run("export", export, ledger.Folder.Anchors).Exit.ShouldBe(1, what);
        IsFound(() => ledger.VerifyExport(export, withAnchors: false)).ShouldBe(!needsAnchors, what);
    }

    [Fact]
    public async Task the_chain_written_anew_is_found_in_an_export_by_both()
    {
        var export = await ledger.Export();
        try
        {
            await ledger.Tamper(TamperTests.Rewritten.Replace("$N", "3", StringComparison.Ordinal));
            var rewritten = await ledger.Export();

            ledger.VerifyExport(rewritten, withAnchors: false).Faults.ShouldBe(0);
            ledger.VerifyExport(rewritten).Findings[0].Sequence.ShouldBe(1);
            IndependentVerifier.Run("export", rewritten).Exit.ShouldBe(0);
            IndependentVerifier.Run("export", rewritten, ledger.Folder.Anchors).Exit.ShouldBe(1);
        }
        finally
        {
            await ledger.Undo();
        }
        ledger.VerifyExport(export).Faults.ShouldBe(0);
    }

    [Theory]
    [InlineData("\"size\":", "\"size\":1")]
    [InlineData("\"root\":\"", "\"root\":\"0")]
    [InlineData("\"at\":\"2", "\"at\":\"1")]
    [InlineData("\"signature\":\"", "\"signature\":\"A")]
    public void an_anchor_that_was_changed_is_found_by_both(string text, string changed)
    {
        var file = Path.Combine(ledger.Root, $"{Guid.NewGuid():N}.jsonl");
        var lines = File.ReadAllLines(ledger.Folder.Anchors);
        File.WriteAllLines(file, [lines[0], lines[1].Replace(text, changed, StringComparison.Ordinal)]);

        Should.Throw<AuditException>(() => Bifrost.Audit.Chains.AuditVerification.ReadAnchors(file, null));
        IndependentVerifier.Run("anchors", file).Exit.ShouldBe(1);
    }

    [Fact]
    public void anchors_of_another_key_than_the_one_expected_are_refused()
    {
        var own = Path.ChangeExtension(ledger.Folder.Key, ".pub.pem");
        Bifrost.Audit.Chains.AuditVerification.ReadAnchors(ledger.Folder.Anchors, own).Count.ShouldBe(2);
        var other = Path.Combine(ledger.Root, "other.pem");
        Bifrost.Audit.Anchors.AnchorKey.Make(other).Dispose();

        Should.Throw<AuditException>(() => Bifrost.Audit.Chains.AuditVerification.ReadAnchors(
            ledger.Folder.Anchors, Path.ChangeExtension(other, ".pub.pem"))).Message.ShouldContain("another key");
    }

    private static bool IsFound(Func<Bifrost.Audit.Chains.AuditReport> verify)
    {
        try
        {
            return verify().Faults > 0;
        }
        catch (AuditException)
        {
            return true;
        }
    }

    private static string Last(string text, string part, string changed)
    {
        var at = text.LastIndexOf(part, StringComparison.Ordinal);
        return text[..at] + changed + text[(at + part.Length)..];
    }

    private static string Counted(List<string> lines, int more)
    {
        var counted = lines.Count - 2 + Math.Min(more, 0);
        return Last(lines[^1], $"\"events\":{lines.Count - 2 - Math.Max(more, 0)}", $"\"events\":{counted}");
    }

    private static string End(List<string> lines)
    {
        var last = System.Text.Json.Nodes.JsonNode.Parse(lines[^2])!["sequence"]!;
        return $"{{\"events\":{lines.Count - 2},\"lastSequence\":{last}}}";
    }
}
