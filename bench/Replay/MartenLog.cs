using Bifrost.Bench.PlainMarten;
using Bifrost.Domain;
using JasperFx.Events.Projections;
using Traded = Bifrost.Bench.Commands.Market;

namespace Bifrost.Bench.Replay;

/// <summary>The same trading as <see cref="MadeLog"/>, in a log of Marten's, to rebuild its documents from.</summary>
internal static class MartenLog
{
    private const int EventsOfRound = 8;

    // In one transaction, so that the log is soon made. Each takes part with one command, so that the streams lie mixed
    // in the log as commands would leave them.
    private const int PortfoliosTogether = 100;

    /// <param name="events">About how many, over all portfolios.</param>
    public static async Task Make(string database, int portfolios, long events, CancellationToken cancel)
    {
        // Nothing but the events: the document is what is to be rebuilt.
        await using var plain = PlainStore.Open(database, SnapshotLifecycle.Async);
        var rounds = Math.Max(1, (int)(events / EventsOfRound / portfolios));
        var groups = Enumerable.Range(1, portfolios).Chunk(PortfoliosTogether).Select(ids => new Group(plain, ids));
        await Parallel.ForEachAsync(groups, cancel, async (group, stop) => await group.Trade(rounds, stop));
    }

    /// <summary>Rebuilds the document of every portfolio.</summary>
    /// <returns>Seconds, without the time that it takes to set the store up.</returns>
    public static async Task<double> Rebuild(string database, CancellationToken cancel)
    {
        await using var plain = PlainStore.Open(database, SnapshotLifecycle.Async);
        using var daemon = await plain.Store.BuildProjectionDaemonAsync();
        var since = System.Diagnostics.Stopwatch.GetTimestamp();
        // The daemon would give up after five minutes, which a large log on a small machine may take.
        await daemon.RebuildProjectionAsync<Portfolio>(TimeSpan.FromHours(2), cancel);
        return System.Diagnostics.Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    private sealed class Group(PlainStore plain, int[] ids)
    {
        private readonly Portfolio[] portfolios =
            [.. ids.Select(_ => Portfolio.Create(new PortfolioOpened(1, "", "USD", LotMethod.FIFO)))];

        private readonly Random random = new(ids[0]);

        private int last;

        public async Task Trade(int rounds, CancellationToken cancel)
        {
            await Append(i => Opened(portfolios[i], ids[i]), cancel);
            for (var round = 0; round < rounds; round++)
            {
                var symbols = portfolios.Select(_ => Traded.Symbols[random.Next(Traded.Symbols.Length)]).ToArray();
                await Order(symbols, OrderSide.BUY, cancel);
                await Order(symbols, round < MadeLog.RoundsKept ? OrderSide.BUY : OrderSide.SELL, cancel);
            }
        }

        private async Task Order(string[] symbols, OrderSide side, CancellationToken cancel)
        {
            var (first, prices) = (last + 1, portfolios.Select(_ => Traded.Price(random)).ToArray());
            last += portfolios.Length;
            await Append(i => Placed(portfolios[i], first + i, symbols[i], side, prices[i]), cancel);
            await Append(i => Executed(portfolios[i], first + i, prices[i]), cancel);
        }

        private async Task Append(Func<int, object[]> happen, CancellationToken cancel)
        {
            await using var session = plain.Store.LightweightSession();
            for (var i = 0; i < ids.Length; i++)
                session.Events.Append(PlainStore.KeyOf(ids[i]), happen(i));
            await session.SaveChangesAsync(cancel);
        }

        private static object[] Opened(Portfolio portfolio, int id)
        {
            var deposited = new CashDeposited(Traded.Deposit);
            portfolio.Apply(deposited);
            return [new PortfolioOpened(1, $"Replayed {id}", "USD", LotMethod.FIFO), deposited];
        }

        private static object[] Placed(Portfolio portfolio, int orderId, string symbol, OrderSide side, decimal price)
        {
            var events = portfolio.Place(orderId, symbol, side, Traded.Quantity, price);
            portfolio.Apply((OrderPlaced)events[0]);
            return events;
        }

        private static object[] Executed(Portfolio portfolio, int orderId, decimal price)
        {
            var events = portfolio.Fill(orderId, orderId, price, Traded.Commission);
            portfolio.Apply((OrderExecuted)events[0]);
            if (events[1] is LotOpened opened)
                portfolio.Apply(opened);
            else
                portfolio.Apply((LotsMatched)events[1]);
            return events;
        }
    }
}
