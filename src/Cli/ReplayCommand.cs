using Bifrost.Cli.Replay;
using Bifrost.Replay;
using System.CommandLine;
using System.Diagnostics;
using Bifrost.Grains;
using Bifrost.Projections;
using Spectre.Console;

namespace Bifrost.Cli;

internal static class ReplayCommand
{
    private const int MostShown = 50;

    public static Command Create()
    {
        var portfolio = new Option<int?>("--portfolio") { Description = "Only this portfolio." };
        var verify = new Command(
            "verify",
            "Folds the whole log again and compares every row and column of the live tables with it. "
            + "Commands may go on meanwhile. Exits with 1 where anything differs.")
        {
            portfolio,
        };
        verify.Does((parsed, cancel) => Verify(parsed.GetValue(portfolio), cancel));
        return new Command("replay", "Rebuilds and explains what the tables say from the events.")
        {
            verify, ExplainCommand.Create(), RepairCommand.Create(),
        };
    }

    private static async Task<int> Verify(int? portfolioId, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Readers(Settings.Database);
        var since = Stopwatch.GetTimestamp();
        var verified = await new Verification(database).Run(portfolioId, new Progress(since), cancel);
        if (portfolioId is { } id && verified.Portfolios == 0)
            throw new OperatorException($"There is no portfolio {id}.");
        Show(verified.Differences);
        Console.WriteLine(
            $"verified {verified.Portfolios} portfolios, {verified.Events} events, "
            + $"{verified.Differences.Count} differences");
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
            Console.WriteLine($"… and {differences.Count - MostShown} more");
    }

    // To stderr, so that the result stays alone where it is piped.
    private sealed class Progress(long since) : IProgress<Verified>
    {
        private TimeSpan shown;

        public void Report(Verified value)
        {
            var elapsed = Stopwatch.GetElapsedTime(since);
            if (elapsed - shown < TimeSpan.FromSeconds(1))
                return;
            shown = elapsed;
            Console.Error.WriteLine(
                $"{value.Portfolios} portfolios, {value.Events} events, "
                + $"{value.Events / elapsed.TotalSeconds:N0} events/s");
        }
    }
}
