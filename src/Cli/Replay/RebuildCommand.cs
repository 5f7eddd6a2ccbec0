using System.CommandLine;
using System.Diagnostics;
using Bifrost.Grains;
using Bifrost.Replay.Rebuilding;

namespace Bifrost.Cli.Replay;

internal static class RebuildCommand
{
    public static Command Create()
    {
        var portfolio = new Option<int?>("--portfolio") { Description = "Only this portfolio." };
        var command = new Command(
            "rebuild",
            "Makes the tables anew from the events and puts right what differs, while commands go on. It may be "
            + "stopped at any moment and run again: portfolios are put right whole, one transaction for some "
            + "of them. Prices that holdings are valued with are kept where the market had them. Exits with 1 where "
            + "the history of a portfolio cannot be folded; ./bifrost replay repair tells why.")
        {
            portfolio,
        };
        command.Does((parsed, cancel) => Rebuild(parsed.GetValue(portfolio), cancel));
        return command;
    }

    private static async Task<int> Rebuild(int? portfolioId, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Rebuilds(Settings.Database);
        var since = Stopwatch.GetTimestamp();
        var rebuilt = await StageProgress.Show(tell => new Rebuild(database).Run(
            portfolioId, told => tell(Named(told.Stage), told.Done, told.Total), cancel));
        if (portfolioId is { } id && rebuilt is { Portfolios: 0, RowsChanged: 0, Stopped: [] })
            throw new OperatorException($"There is no portfolio {id}.");
        foreach (var stopped in rebuilt.Stopped)
        {
            Console.Error.WriteLine(
                $"portfolio {stopped.PortfolioId} was left as it is: {stopped.Reason} "
                + $"(./bifrost replay repair --portfolio {stopped.PortfolioId})");
        }
        Console.WriteLine(
            $"rebuilt {rebuilt.Portfolios} portfolios, {rebuilt.Events} events, {rebuilt.RowsChanged} rows put right "
            + $"in {rebuilt.Healed.Count} portfolios, {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s");
        return rebuilt.Stopped.Count == 0 ? 0 : 1;
    }

    private static string Named(RebuildStage stage) => stage switch
    {
        RebuildStage.Folding => "folding events",
        RebuildStage.Comparing => "comparing tables",
        RebuildStage.Swapping => "putting portfolios right",
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "Not a stage."),
    };
}
