using System.CommandLine;
using System.Text.Json;
using Bifrost.Api.Audit;
using Bifrost.Api.Http;
using Bifrost.Audit;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Chains;
using Bifrost.Audit.Exporting;
using Bifrost.Grains;

namespace Bifrost.Cli.Audit;

internal static class VerifyCommand
{
    private const int MostShown = 20;

    private const string JsonLines = "jsonl";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static readonly Option<string?> Export = new("--export")
    {
        Description = "Check this export in JSON Lines instead of the database; no server and no database is needed.",
    };

    private static readonly Option<string?> Anchors = new("--anchor")
    {
        Description = "The anchors to check against: a file of anchors, or one line of it. Those that this machine "
            + "keeps, where nothing is said.",
    };

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "The public key in PEM that anchors have to be signed with. Without it the key that they name is "
            + "believed, and its id is shown to be compared.",
    };

    private static readonly Option<int?> Portfolio = new("--portfolio")
    {
        Description = "With --export: it has to be all of this portfolio. Without this, --from and --to it has to be "
            + "all of the log; what the file says of itself is not believed.",
    };

    private static readonly Option<string?> From = new("--from")
    {
        Description = "With --export: it has to have all that was recorded then or later: 2024-03-08.",
    };

    private static readonly Option<string?> To = new("--to")
    {
        Description = "With --export: it has to have all that was recorded before then: 2024-03-08T14:30:00Z.",
    };

    private static readonly Option<long?> Size = new("--size")
    {
        Description = "Check against the anchor of so many events and those before it; against the newest one given, "
            + "and those before it, without this.",
    };

    private static readonly Option<bool> Strict = new("--strict")
    {
        Description = "Events that no anchor attests yet are a fault as well.",
    };

    private static readonly Option<bool> AsJson = new("--json") { Description = "The result as JSON." };

    public static Command Create()
    {
        var command = new Command(
            "verify",
            "Computes every hash of the log again and checks that nothing was changed, deleted, inserted or swapped, "
            + "and that the log is what the anchors attest. Names the first event that is wrong; exits with 1 then.")
        {
            Export, Anchors, Key, Portfolio, From, To, Size, Strict, AsJson,
        };
        command.Checks(result =>
        {
            var check = new Check(TimeProvider.System);
            var scope = Expected(check, result.GetValue(Portfolio), result.GetValue(From), result.GetValue(To));
            if (check.Failed)
                result.AddError(check.Problem.ProblemDetails.Detail!);
            if (result.GetValue(Export) is null && !scope.IsWhole)
            {
                result.AddError(
                    "--portfolio, --from and --to say what --export has to be; the database is checked whole.");
            }
        });
        command.Does(async (parsed, cancel) =>
        {
            var report = parsed.GetValue(Export) is { } export
                ? Offline(export, parsed)
                : await Online(parsed, cancel);
            return Tell(report, parsed.GetValue(Strict), parsed.GetValue(AsJson));
        });
        return command;
    }

    private static ExportScope Expected(Check check, int? portfolioId, string? from, string? to) =>
        ExportRequest.Read(check, JsonLines, portfolioId, from, to).Scope;

    private static async Task<AuditReport> Online(ParseResult parsed, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Readers(Settings.Database);
        var folder = await AuditFolder.Of(database, Settings.Audit.Root!, Settings.Audit.Key, cancel);
        var own = File.Exists(folder.Anchors) ? folder.Anchors : null;
        using var line = new ProgressLine();
        return await Verification(parsed, parsed.GetValue(Anchors) ?? own).Verify(
            database, Directory.Exists(folder.Tree) ? folder.Tree : null, new Told(line), cancel);
    }

    private static AuditReport Offline(string export, ParseResult parsed)
    {
        var expected = Expected(
            new Check(TimeProvider.System), parsed.GetValue(Portfolio), parsed.GetValue(From), parsed.GetValue(To));
        using var line = new ProgressLine();
        return Verification(parsed, parsed.GetValue(Anchors)).Verify(export, expected, new Told(line));
    }

    private static AuditVerification Verification(ParseResult parsed, string? anchors) =>
        new(anchors is null
            ? []
            : AuditVerification.Through(
                AuditVerification.ReadAnchors(anchors, parsed.GetValue(Key)), parsed.GetValue(Size)));

    private static int Tell(AuditReport report, bool isStrict, bool asJson)
    {
        var isVerified = report.IsVerified && (!isStrict || report.NotAnchored == 0);
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(report, Json));
            return isVerified ? 0 : 1;
        }
        foreach (var finding in report.Findings.Take(MostShown))
            Console.WriteLine(finding);
        if (report.Faults > MostShown)
            Console.WriteLine($"… and {report.Faults - MostShown} more; --json has the first thousand");
        Console.WriteLine(Attested(report));
        Console.WriteLine(
            $"verified {report.Events} events, {report.Portfolios} portfolios, {report.Anchors} anchors, "
            + $"{report.Faults} faults");
        return isVerified ? 0 : 1;
    }

    private static string Attested(AuditReport report) => report switch
    {
        { Anchors: 0 } => "no anchors were at hand: a log that was written anew as a whole would not be noticed",
        { Anchored: 0 } => "NOT VERIFIED: the anchors attest nothing of it",
        { NotAnchored: 0 } => $"anchors attest all of them, signed with {string.Join(", ", report.Keys)}",
        _ => $"anchors attest {report.Anchored} of them, signed with {string.Join(", ", report.Keys)}; the other "
            + $"{report.NotAnchored} are held to their chains alone: no anchor attests them yet",
    };

    private sealed class Told(ProgressLine line) : IProgress<long>
    {
        public void Report(long value) => line.Show(elapsed => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"verifying: {value:N0} events, {value / elapsed.TotalSeconds:N0}/s"));
    }
}
