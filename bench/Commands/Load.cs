using System.Diagnostics;
using Bifrost.Domain;

namespace Bifrost.Bench.Commands;

/// <summary>What a number of callers got done.</summary>
/// <param name="Rate">Commands a second.</param>
/// <param name="Cpu">Time of all processors for one command, whoever spent it.</param>
internal sealed record Measured(double Rate, TimeSpan? Cpu, TimeSpan P50, TimeSpan P99, TimeSpan P999);

/// <summary>Callers that each buy and sell, one command after another, for some time.</summary>
internal sealed class Load(IReadOnlyList<int> portfolios, TimeSpan duration)
{
    private const int SomeCommands = 16 * 1024;

    /// <exception cref="RefusedException">A command was refused.</exception>
    public async Task<Measured> Run(IReadOnlyList<ITrader> traders, CancellationToken cancel)
    {
        // Made before the clock runs, so that the measuring itself allocates little.
        var latencies = traders.Select(_ => new List<long>(SomeCommands)).ToArray();
        var busy = Machine.BusyTime();
        var start = Stopwatch.GetTimestamp();
        var deadline = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(traders.Select((trader, i) =>
            Task.Run(() => Trade(trader, new Random(i), latencies[i], deadline, cancel), cancel)));
        var cpu = Machine.BusyTime() - busy;
        var all = latencies.SelectMany(ticks => ticks).Order().ToArray();
        return new Measured(
            all.Length / duration.TotalSeconds,
            cpu / Math.Max(all.Length, 1),
            At(all, 0.5),
            At(all, 0.99),
            At(all, 0.999));
    }

    // A round that the end of the time falls into is finished, so that nothing is left open; but what was answered
    // after the end does not count.
    private async Task Trade(
        ITrader trader, Random random, List<long> latencies, long deadline, CancellationToken cancel)
    {
        while (Stopwatch.GetTimestamp() < deadline && !cancel.IsCancellationRequested)
        {
            var portfolio = portfolios[random.Next(portfolios.Count)];
            var symbol = Market.Symbols[random.Next(Market.Symbols.Length)];
            await Order(trader, (portfolio, symbol, OrderSide.BUY, Market.Price(random)), latencies, deadline);
            await Order(trader, (portfolio, symbol, OrderSide.SELL, Market.Price(random)), latencies, deadline);
        }
    }

    private static async Task Order(
        ITrader trader,
        (int Portfolio, string Symbol, OrderSide Side, decimal Price) order,
        List<long> latencies,
        long deadline)
    {
        var start = Stopwatch.GetTimestamp();
        var orderId = await trader.Place(order.Portfolio, order.Symbol, order.Side, order.Price);
        var placed = Stopwatch.GetTimestamp();
        await trader.Fill(order.Portfolio, orderId, order.Price);
        var filled = Stopwatch.GetTimestamp();
        if (placed <= deadline)
            latencies.Add(placed - start);
        if (filled <= deadline)
            latencies.Add(filled - placed);
    }

    private static TimeSpan At(long[] sorted, double share) => sorted.Length == 0
        ? TimeSpan.Zero
        : Stopwatch.GetElapsedTime(0, sorted[Math.Min((int)(sorted.Length * share), sorted.Length - 1)]);
}
