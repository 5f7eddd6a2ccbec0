using System.Globalization;
using Bifrost.Audit.Exporting;

namespace Bifrost.Audit.Tests.Forging;

/// <summary>A ledger with an export of all of it, an auditor who has its anchors, and both verifiers.</summary>
public sealed class ForgedLedger : IAsyncLifetime, IDisposable
{
    /// <summary>What an auditor may ask for.</summary>
    public static readonly string[] Asked =
        ["all", "portfolio", "from", "to", "span", "portfolio from", "portfolio span"];

    private readonly AuditedLedger ledger = new();
    private readonly IndependentVerifications theirs = new();
    private string whole = "";

    public AuditedLedger Ledger => ledger;

    /// <summary>The portfolio that is asked for.</summary>
    public int Portfolio => ledger.Traded.Busy;

    /// <summary>The sequence of an event of the portfolio that is in all that is asked for.</summary>
    public long Target { get; private set; }

    private DateTime From { get; set; }

    private DateTime To { get; set; }

    public async Task InitializeAsync()
    {
        await ledger.InitializeAsync();
        whole = await ledger.Export();
        var own = Forge().Events.Where(e => e.PortfolioId == Portfolio).ToList();
        (From, To) = (Time(own[own.Count / 4]), Time(own[own.Count * 3 / 4]));
        Target = own[own.Count / 2].Sequence;
    }

    public Task DisposeAsync() => ledger.DisposeAsync();

    public void Dispose() => theirs.Dispose();

    internal Forger Forge() => new(whole);

    /// <summary>The lines of what the ledger exports when it is asked for this.</summary>
    public async Task<List<string>> Export(string asked) =>
        [.. await File.ReadAllLinesAsync(await ledger.Export(Scope(asked)))];

    public ExportScope Scope(string asked) => new()
    {
        PortfolioId = asked.StartsWith("portfolio", StringComparison.Ordinal) ? Portfolio : null,
        From = asked.EndsWith("from", StringComparison.Ordinal) || asked.EndsWith("span", StringComparison.Ordinal)
            ? From
            : null,
        To = asked is "to" || asked.EndsWith("span", StringComparison.Ordinal) ? To : null,
    };

    /// <summary>Whether the product's verifier takes it for what was asked for, and attested by the anchors.</summary>
    public bool OursTakes(IEnumerable<string> lines, ExportScope asked, out string why)
    {
        var file = Forger.Save(ledger.Root, lines);
        try
        {
            var report = ledger.VerifyExport(file, expected: asked);
            why = string.Join('\n', [.. report.Findings.Select(f => $"{f}"), $"{report.NotAnchored} not anchored"]);
            return report.IsVerified;
        }
        catch (AuditException e)
        {
            why = e.Message;
            return false;
        }
    }

    /// <summary>The same of the verifier that has nothing of ours.</summary>
    public bool TheirsTakes(IEnumerable<string> lines, ExportScope asked, out string why)
    {
        var file = Forger.Save(ledger.Root, lines);
        (var exit, why) = theirs.Run(["export", file, ledger.Folder.Anchors, .. Options(asked)]);
        return exit == 0;
    }

    public static string[] Options(ExportScope asked) =>
    [
        .. asked.PortfolioId is { } id ? ["--portfolio", $"{id}"] : (string[])[],
        .. asked.From is { } from ? ["--from", Text(from)] : (string[])[],
        .. asked.To is { } to ? ["--to", Text(to)] : (string[])[],
    ];

    private static string Text(DateTime time) => time.ToString("O", CultureInfo.InvariantCulture)[..26] + "Z";

    private static DateTime Time(ForgedEvent e) => DateTimeOffset.Parse(
        e.RecordedAt, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind).UtcDateTime;
}
