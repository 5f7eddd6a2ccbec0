using System.Diagnostics;
using Bifrost.MarketData.Prices;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Prices;

/// <summary>
/// Values holdings anew when prices change. Prices that change while it works are taken together in the next round, so
/// a burst costs one round. From time to time it looks at all of them, because a fill may have been committed with the
/// price of a moment before.
/// </summary>
public sealed class ValuationWorker(
    LastPrices stored, Valuation valuation, PriceFeed feed, ILogger<ValuationWorker> logger) : RepeatedWork(logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);

    private readonly Wakeup changed = new();
    private long version;
    private long swept;

    protected override string Name => "The valuation";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var heard = feed.Subscribe(_ => changed.Signal());
        await base.ExecuteAsync(stoppingToken);
    }

    protected override async Task Turn(CancellationToken cancel)
    {
        var (_, latest) = await stored.ChangedAfter(version, cancel);
        if (swept == 0 || Stopwatch.GetElapsedTime(swept) > Sweep)
        {
            await valuation.Run(0, cancel);
            swept = Stopwatch.GetTimestamp();
        }
        else if (latest != version)
        {
            await valuation.Run(version, cancel);
        }
        version = latest;
        await changed.Wait(Period, cancel);
    }
}
