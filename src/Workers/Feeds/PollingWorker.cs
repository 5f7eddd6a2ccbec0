using Bifrost.Instruments;
using Bifrost.MarketData.Feeds;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Prices;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Feeds;

/// <summary>Asks a provider for new bars again and again, and stores them.</summary>
public sealed class PollingWorker(
    IBarProvider provider,
    TimeSpan every,
    BarIngestion ingestion,
    LastPrices stored,
    InstrumentCatalog instruments,
    ILogger<PollingWorker> logger)
    : RepeatedWork(logger)
{
    private readonly Wakeup wakeup = new();
    private bool isUnreadable;

    protected override string Name => $"The feed {provider.Source}";

    protected override async Task Turn(CancellationToken cancel)
    {
        var origin = new BarOrigin(provider.Source, OnPurpose: false, provider.Market);
        try
        {
            var counts = await ingestion.Run(
                provider.Fetch(await Newest(cancel), cancel), provider.Interval, origin, progress: null, cancel);
            if (counts.Quarantined > 0)
                logger.LogWarning("{Source}: {Rows} rows are quarantined", provider.Source, counts.Quarantined);
            isUnreadable = false;
        }
        catch (UnreadableBarsException e)
        {
            // It may answer better the next time; said once.
            if (!isUnreadable)
                logger.LogError("{Source}: {Reason}", provider.Source, e.Message);
            isUnreadable = true;
        }
        await wakeup.Wait(every, cancel);
    }

    private async Task<DateTime?> Newest(CancellationToken cancel)
    {
        // As they are stored, where the provider calls them by other names.
        var symbols = provider.Symbols
            .Select(name => instruments.Resolve(name, provider.Source, DateTimeOffset.UtcNow) ?? name).Distinct()
            .ToList();
        var known = await stored.Of(symbols, cancel);
        return known.Count > 0 && known.Count == symbols.Count ? known.Min(price => price.Time) : null;
    }
}
