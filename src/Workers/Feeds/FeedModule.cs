using Bifrost.Instruments;
using Bifrost.MarketData.Feeds;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Prices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Feeds;

/// <summary>Where a server gets bars from by itself.</summary>
public sealed record FeedOptions
{
    /// <summary>The seed of the simulated market; null leaves it closed.</summary>
    public int? SimulatedSeed { get; init; }

    /// <summary>A folder whose files are loaded as they come; null watches none.</summary>
    public string? WatchedFolder { get; init; }

    /// <summary>An address to poll; null polls none.</summary>
    public PolledAddress? Polled { get; init; }
}

/// <param name="Address">See <see cref="HttpBars"/> for what may stand in it.</param>
public sealed record PolledAddress(
    string Address, IReadOnlyList<string> Symbols, BarFileOptions Options, TimeSpan Every);

/// <summary>The workers that fetch bars.</summary>
public static class FeedModule
{
    // How far back the simulated market goes when it opens for the first time.
    private static readonly TimeSpan SimulatedPast = TimeSpan.FromDays(3);

    /// <summary>Expects <see cref="MarketModule"/> to be registered as well.</summary>
    public static void Add(IServiceCollection services, FeedOptions feeds)
    {
        if (feeds.SimulatedSeed is { } seed)
        {
            services.AddSingleton<IHostedService>(provider => Polling(
                provider, new SimulatedBars(seed, TimeProvider.System, SimulatedPast), TimeSpan.FromSeconds(5)));
        }
        if (feeds.WatchedFolder is { } folder)
        {
            services.AddHostedService(provider => new FolderWorker(
                folder,
                provider.GetRequiredService<BarIngestion>(),
                provider.GetRequiredService<LoadLimits>(),
                provider.GetRequiredService<ILogger<FolderWorker>>()));
        }
        if (feeds.Polled is { } polled)
        {
            // Addresses are asked for as long as the server lives; one client keeps its connections.
            services.AddSingleton<IHostedService>(provider => Polling(
                provider,
                new HttpBars(
                    new HttpClient(),
                    polled.Address,
                    polled.Symbols,
                    polled.Options with { Limits = provider.GetRequiredService<LoadLimits>() },
                    TimeProvider.System),
                polled.Every));
        }
    }

    private static PollingWorker Polling(IServiceProvider provider, IBarProvider bars, TimeSpan every) => new(
        bars,
        every,
        provider.GetRequiredService<BarIngestion>(),
        provider.GetRequiredService<LastPrices>(),
        provider.GetRequiredService<InstrumentCatalog>(),
        provider.GetRequiredService<ILogger<PollingWorker>>());
}
