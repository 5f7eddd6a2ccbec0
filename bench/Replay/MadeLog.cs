using Bifrost.Bench.Commands;
using Bifrost.Domain;
using Bifrost.Grains;
using Traded = Bifrost.Bench.Commands.Market;

namespace Bifrost.Bench.Replay;

/// <summary>A log that traders made by the command path: orders that are filled, lots opened and closed.</summary>
internal static class MadeLog
{
    private const int EventsOfRound = 8;

    // What is bought in the first rounds is kept, so that lots are open.
    public const int RoundsKept = 20;

    // A portfolio that trades alone has this many traders, so that its commits are shared.
    private const int TradersAlone = 256;

    /// <param name="events">About how many, over all portfolios.</param>
    public static async Task Make(
        string connectionString, int portfolios, long events, IProgress<long>? progress, CancellationToken cancel)
    {
        await using var ledger = await Ledger.Start(new LedgerOptions(connectionString));
        var trader = new LedgerTrader(ledger);
        // Of few events each portfolio has its own all the same, by one trader at least.
        var roundsEach = Math.Max(1, (int)(events / EventsOfRound / portfolios));
        var traders = Math.Clamp(TradersAlone / portfolios, 1, roundsEach);
        var rounds = roundsEach / traders;
        var done = 0L;
        await Task.WhenAll(Enumerable.Range(0, portfolios).Select(async i =>
        {
            var id = await trader.OpenPortfolio($"Replayed {Guid.NewGuid()}");
            await Task.WhenAll(Enumerable.Range(0, traders).Select(async one =>
            {
                var random = new Random(i * traders + one);
                for (var round = 0; round < rounds && !cancel.IsCancellationRequested; round++)
                {
                    await Round(trader, id, random, isKept: round * traders < RoundsKept);
                    progress?.Report(Interlocked.Add(ref done, EventsOfRound));
                }
            }));
        }));
        cancel.ThrowIfCancellationRequested();
    }

    private static async Task Round(LedgerTrader trader, int portfolio, Random random, bool isKept)
    {
        var symbol = Traded.Symbols[random.Next(Traded.Symbols.Length)];
        await Order(OrderSide.BUY);
        await Order(isKept ? OrderSide.BUY : OrderSide.SELL);

        async Task Order(OrderSide side)
        {
            var price = Traded.Price(random);
            await trader.Fill(portfolio, await trader.Place(portfolio, symbol, side, price), price);
        }
    }
}
