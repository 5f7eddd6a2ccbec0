using System.CommandLine;
using System.Text.Json;
using Bifrost.Audit;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Chains;
using Bifrost.Grains;

namespace Bifrost.Cli.Audit;

internal static class VerifyCommand
{
    private const int MostShown = 20;

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

    private static readonly Option<bool> AsJson = new("--json") { Description = "The result as JSON." };

    public static Command Create()
    {
        var command = new Command(
            "verify",
            "Computes every hash of the log again and checks that nothing was changed, deleted, inserted or swapped, "
            + "and that the log is what the anchors attest. Names the first event that is wrong; exits with 1 then.")
        {
            Export, Anchors, AsJson,
        };
        Trust.AddTo(command);
        command.Checks(result =>
        {
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
            return Tell(report, parsed.GetValue(AsJson));
        });
        return command;
    }

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
        var report = await new AuditVerification(trusted?.Anchors ?? []).Verify(
            database, Directory.Exists(folder.Tree) ? folder.Tree : null, new Told(line), cancel);
        if (trusted is not null)
            await Trust.CheckReceipts(parsed, named ?? folder.Anchors, trusted.Anchors, cancel);
        return report with { Spans = trusted?.Keys ?? [] };
    }

    private static async Task<AuditReport> Offline(string export, ParseResult parsed, CancellationToken cancel)
    {
        var named = parsed.GetValue(Anchors);
        var trusted = named is null ? null : Trust.Read(parsed).Read(named, Trust.KeysFile(parsed));
        using var line = new ProgressLine();
        var report = new AuditVerification(trusted?.Anchors ?? []).Verify(export, new Told(line));
        if (trusted is not null)
            await Trust.CheckReceipts(parsed, named!, trusted.Anchors, cancel);
        return report with { Spans = trusted?.Keys ?? [] };
    }

    private static int Tell(AuditReport report, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(report, Json));
            return report.Faults == 0 ? 0 : 1;
        }
        foreach (var finding in report.Findings.Take(MostShown))
            Console.WriteLine(finding);
        if (report.Faults > MostShown)
            Console.WriteLine($"… and {report.Faults - MostShown} more; --json has the first thousand");
        Console.WriteLine(report.Anchors == 0
            ? "no anchors were at hand: a log that was written anew as a whole would not be noticed"
            : $"anchors attest {report.Anchored} of them, signed with {string.Join(", ", report.Spans)}");
        Console.WriteLine(
            $"verified {report.Events} events, {report.Portfolios} portfolios, {report.Anchors} anchors, "
            + $"{report.Faults} faults");
        return report.Faults == 0 ? 0 : 1;
    }

    private sealed class Told(ProgressLine line) : IProgress<long>
    {
        public void Report(long value) => line.Show(elapsed => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"verifying: {value:N0} events, {value / elapsed.TotalSeconds:N0}/s"));
    }
}
