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

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "The public key in PEM that anchors have to be signed with. Without it the key that they name is "
            + "believed, and its id is shown to be compared.",
    };

    private static readonly Option<bool> AsJson = new("--json") { Description = "The result as JSON." };

    public static Command Create()
    {
        var command = new Command(
            "verify",
            "Computes every hash of the log again and checks that nothing was changed, deleted, inserted or swapped, "
            + "and that the log is what the anchors attest. Names the first event that is wrong; exits with 1 then.")
        {
            Export, Anchors, Key, AsJson,
        };
        command.Does(async (parsed, cancel) =>
        {
            var (export, anchor) = (parsed.GetValue(Export), parsed.GetValue(Anchors));
            var report = export is null
                ? await Online(anchor, parsed.GetValue(Key), cancel)
                : Offline(export, anchor, parsed.GetValue(Key));
            return Tell(report, parsed.GetValue(AsJson));
        });
        return command;
    }

    private static async Task<AuditReport> Online(string? anchorFile, string? key, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Readers(Settings.Database);
        var folder = await AuditFolder.Of(database, Settings.Audit.Root!, Settings.Audit.Key, cancel);
        var own = File.Exists(folder.Anchors) ? folder.Anchors : null;
        using var line = new ProgressLine();
        return await Verification(anchorFile ?? own, key).Verify(
            database, Directory.Exists(folder.Tree) ? folder.Tree : null, new Told(line), cancel);
    }

    private static AuditReport Offline(string export, string? anchorFile, string? key)
    {
        using var line = new ProgressLine();
        return Verification(anchorFile, key).Verify(export, new Told(line));
    }

    private static AuditVerification Verification(string? anchorFile, string? key) =>
        new(anchorFile is null ? [] : AuditVerification.ReadAnchors(anchorFile, key));

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
            : $"anchors attest {report.Anchored} of them, signed with {string.Join(", ", report.Keys)}");
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
