using System.CommandLine;
using System.Text.Json;
using Bifrost.Grains;
using Bifrost.Replay.Verifying;
using Spectre.Console;

namespace Bifrost.Cli.Replay;

internal static class VerifyCommand
{
    private const int MostShown = 50;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var portfolio = new Option<int?>("--portfolio") { Description = "Only this portfolio." };
        var json = new Option<bool>("--json") { Description = "The result as JSON, with all differences." };
        var command = new Command(
            "verify",
            "Folds the whole log again and compares every row and column of the live tables with it. "
            + "Commands may go on meanwhile. Exits with 1 where anything differs.")
        {
            portfolio, json,
        };
        command.Does((parsed, cancel) => Verify(parsed.GetValue(portfolio), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> Verify(int? portfolioId, bool asJson, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Readers(Settings.Database);
        var verified = await StageProgress.Show(tell => new Verification(database).Run(
            portfolioId, told => tell("verifying portfolios", told.Portfolios, told.All), cancel));
        if (portfolioId is { } id && verified.Portfolios == 0)
            throw new OperatorException($"There is no portfolio {id}.");
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new { verified.Portfolios, verified.Events, verified.Differences }, Json));
        }
        else
        {
            Show(verified.Differences);
            Console.WriteLine(
                $"verified {verified.Portfolios} portfolios, {verified.Events} events, "
                + $"{verified.Differences.Count} differences");
        }
        return verified.Differences.Count == 0 ? 0 : 1;
    }

    private static void Show(IReadOnlyList<Difference> differences)
    {
        if (differences.Count == 0)
            return;
        var table = new Spectre.Console.Table().AddColumns("table", "key", "column", "live", "replayed");
        foreach (var d in differences.Take(MostShown))
            table.AddRow(new[] { d.Table, $"{d.Key}", d.Column, d.Live, d.Replayed }.Select(Markup.Escape).ToArray());
        AnsiConsole.Write(table);
        if (differences.Count > MostShown)
            Console.WriteLine($"… and {differences.Count - MostShown} more; --json has all");
    }
}
