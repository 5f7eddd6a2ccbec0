using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bifrost.Grains;
using Bifrost.Replay.Repair;

namespace Bifrost.Cli.Replay;

/// <summary>Shows what stops portfolios and what can be done about it. It never writes.</summary>
internal static class RepairCommand
{
    private const int LongestData = 400;

    // Outside of HTML quotes need no second escape: what is stored is JSON in a text, and statements stand in quotes.
    private static readonly FindingJson Readable = new(new JsonSerializerOptions(FindingJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static Command Create()
    {
        var portfolio = new Option<int?>("--portfolio") { Description = "Only this portfolio." };
        var json = new Option<bool>("--json") { Description = "As JSON, with the whole of what is stored." };
        var command = new Command(
            "repair",
            "Shows the event that stops a portfolio, why, and what can be done. Changes nothing. "
            + "Exits with 1 where a portfolio is stopped.")
        {
            portfolio, json,
        };
        command.Does((parsed, cancel) => Repair(parsed.GetValue(portfolio), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> Repair(int? portfolioId, bool json, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Readers(Settings.Database);
        var inspected = await new Inspection(database).Run(portfolioId, cancel);
        if (portfolioId is { } id && inspected.Portfolios == 0 && inspected.Findings.Count == 0)
            throw new OperatorException($"There is no portfolio {id}.");
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(inspected.Findings, Readable.IReadOnlyListFinding));
        else
            Show(inspected);
        return inspected.Findings.Count == 0 ? 0 : 1;
    }

    private static void Show(Inspected inspected)
    {
        foreach (var finding in inspected.Findings)
            Show(finding);
        var stopped = inspected.Findings.Select(finding => finding.PortfolioId).Distinct().Count();
        Console.WriteLine(stopped == 0
            ? $"inspected {inspected.Portfolios} portfolios: nothing is stopped"
            : $"inspected {inspected.Portfolios} portfolios: {stopped} stopped");
    }

    private static void Show(Finding finding)
    {
        Console.WriteLine($"portfolio {finding.PortfolioId} is stopped");
        Line("reason", finding.Reason);
        Line("detail", finding.Detail);
        Line("last good", finding.LastGoodSequence is { } last ? $"event {last}" : "none");
        if (finding.Row is { } row)
        {
            Line("event", $"{row.Sequence}, id {row.Id}");
            Line("stream", $"{row.Stream}, version {row.Version}");
            Line("type", $"{row.Type}, written as {row.DotnetType ?? "nothing"}");
            Line("recorded", row.RecordedAt.ToString("O", CultureInfo.InvariantCulture));
            Line("stored", row.Data.Length > LongestData ? $"{row.Data[..LongestData]}…" : row.Data);
        }
        else
        {
            Line("event", $"{finding.Sequence}, which the log does not have");
        }
        foreach (var (index, sentence) in finding.Advice.Index())
            Line(index == 0 ? "what to do" : "", sentence);
        Console.WriteLine();
    }

    private static void Line(string name, string? text)
    {
        if (text is not null)
            Console.WriteLine($"  {name,-11} {text}");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<Finding>))]
internal sealed partial class FindingJson : JsonSerializerContext;
