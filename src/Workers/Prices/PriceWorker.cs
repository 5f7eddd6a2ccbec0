using Bifrost.MarketData.Prices;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Prices;

/// <summary>
/// Keeps the cache of latest prices and tells of new ones, whoever stored them: this process, another server, or the
/// operator's tool. What the feed has told already, because another server was quicker, is not told again.
/// </summary>
public sealed class PriceWorker(
    LastPrices stored,
    ILatestPrices cache,
    CurrencyRates rates,
    PriceFeed feed,
    ILogger<PriceWorker> logger) : RepeatedWork(logger)
{
    // How late a price of another process is noticed at most.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, LastPrice> told = [];
    private readonly Lock gate = new();

    // Null until what was there at the start is known, which may be nothing.
    private long? version;

    /// <summary>To be signalled after bars were stored in this process.</summary>
    public Wakeup Stored { get; } = new();

    protected override string Name => "The price feed";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var heard = feed.Subscribe(Hear);
        // Those from before the start are no news, but the cache has to know them.
        await base.ExecuteAsync(stoppingToken);
    }

    protected override async Task Turn(CancellationToken cancel)
    {
        var (prices, latest) = await stored.ChangedAfter(version ?? 0, cancel);
        if (prices.Count > 0)
            await cache.Put(prices, cancel);
        if (version is null)
            Hear(prices);
        else if (Untold(prices) is { Count: > 0 } news)
            await feed.Publish(news, cancel);
        version = latest;
        await Stored.Wait(Period, cancel);
    }

    private void Hear(IReadOnlyList<LastPrice> prices)
    {
        rates.Hear(prices);
        lock (gate)
        {
            foreach (var price in prices)
                told[price.Symbol] = price;
        }
    }

    private List<LastPrice> Untold(IReadOnlyList<LastPrice> prices)
    {
        lock (gate)
            return [.. prices.Where(price => told.GetValueOrDefault(price.Symbol) != price)];
    }
}
