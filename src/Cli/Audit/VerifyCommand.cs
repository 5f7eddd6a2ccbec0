using System.CommandLine;
using System.Text.Json;
using Bifrost.Api.Audit;
using Bifrost.Api.Http;
using Bifrost.Audit;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Chains;
using Bifrost.Audit.Exporting;
using Bifrost.Audit.Keys;
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

    private static readonly TrustOptions Trust = new();

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
            Export, Anchors, Portfolio, From, To, Size, Strict, AsJson,
        };
        Trust.AddTo(command);
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
            if (result.GetValue(Export) is not null && result.GetValue(Anchors) is null
                && Trust.WantsAnchors(result))
            {
                result.AddError("What is to be trusted is said of anchors: name the file that has them, with "
                    + "--anchor.");
            }
        });
        command.Does(async (parsed, cancel) =>
        {
            var report = parsed.GetValue(Export) is { } export
                ? await Offline(export, parsed, cancel)
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
        var settings = Settings.Audit;
        var folder = await AuditFolder.Of(database, settings.Root!, settings.Key, cancel);
        var (named, keys) = (parsed.GetValue(Anchors), Trust.KeysFile(parsed));
        var trusted = named is null
            ? Trust.Read(parsed).ReadOwn(folder, keys)
            : Trust.Read(parsed).Read(named, keys);
        if (trusted is null && Trust.WantsAnchors(parsed.CommandResult))
            throw new AuditException($"There are no anchors in {folder.Path}: nothing was verified.");
        if (named is null && trusted is not null && !File.Exists(folder.Key))
            Console.Error.WriteLine($"the key {folder.Key} is not there: no more is anchored here");
        using var line = new ProgressLine();
        var report = await Verification(parsed, trusted).Verify(
            database, Directory.Exists(folder.Tree) ? folder.Tree : null, new Told(line), cancel);
        if (trusted is not null)
            await Trust.CheckReceipts(parsed, named ?? folder.Anchors, trusted.Anchors, cancel);
        return report with { Spans = trusted?.Keys ?? [] };
    }

    private static async Task<AuditReport> Offline(string export, ParseResult parsed, CancellationToken cancel)
    {
        var expected = Expected(
            new Check(TimeProvider.System), parsed.GetValue(Portfolio), parsed.GetValue(From), parsed.GetValue(To));
        var named = parsed.GetValue(Anchors);
        var trusted = named is null ? null : Trust.Read(parsed).Read(named, Trust.KeysFile(parsed));
        using var line = new ProgressLine();
        var report = Verification(parsed, trusted).Verify(export, expected, new Told(line));
        if (trusted is not null)
            await Trust.CheckReceipts(parsed, named!, trusted.Anchors, cancel);
        return report with { Spans = trusted?.Keys ?? [] };
    }

    private static AuditVerification Verification(ParseResult parsed, TrustedAnchors? trusted) =>
        new(trusted is null ? [] : AuditVerification.Through(trusted.Anchors, parsed.GetValue(Size)));

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
        { NotAnchored: 0 } => $"anchors attest all of them, signed with {string.Join(", ", report.Spans)}",
        _ => $"anchors attest {report.Anchored} of them, signed with {string.Join(", ", report.Spans)}; the other "
            + $"{report.NotAnchored} are held to their chains alone: no anchor attests them yet",
    };

    private sealed class Told(ProgressLine line) : IProgress<long>
    {
        public void Report(long value) => line.Show(elapsed => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"verifying: {value:N0} events, {value / elapsed.TotalSeconds:N0}/s"));
    }
}
