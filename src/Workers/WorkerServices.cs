using Bifrost.Audit.Anchors;
using Bifrost.MarketData;
using Bifrost.MarketData.Feeds;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Prices;
using Bifrost.MarketData.Rollups;
using Bifrost.MarketData.Storage;
using Bifrost.Workers.Anchors;
using Bifrost.Workers.Checking;
using Bifrost.Workers.Feeds;
using Bifrost.Workers.Prices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Workers;

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

/// <summary>Market data and what works in the background, as services of a host.</summary>
public static class WorkerServices
{
    /// <summary>The key of the market data's own connections; those without a key are the ledger's.</summary>
    public const string Market = "market";

    // How far back the simulated market goes when it opens for the first time.
    private static readonly TimeSpan SimulatedPast = TimeSpan.FromDays(3);

    /// <summary>
    /// Expects the ledger with its readers' connections, <see cref="ILatestPrices"/> and <see cref="PriceFeed"/> to be
    /// registered as well.
    /// </summary>
    /// <param name="database">An Npgsql connection string of the database's owner.</param>
    public static void Add(IServiceCollection services, string database, FeedOptions feeds)
    {
        services.AddKeyedSingleton(Market, (_, _) => MarketConnections.Workers(database));
        services.AddSingleton(provider => new LastPrices(Source(provider)));
        services.AddSingleton(provider => new BarRollups(Source(provider)));
        services.AddSingleton<Valuation>();
        services.AddSingleton<PriceWorker>();
        services.AddSingleton<RollupWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<PriceWorker>());
        services.AddHostedService(provider => provider.GetRequiredService<RollupWorker>());
        services.AddHostedService<ValuationWorker>();
        services.AddHostedService(provider => new RetentionWorker(
            Source(provider),
            provider.GetRequiredService<ILogger<RetentionWorker>>()));
        services.AddSingleton(provider => new BarIngestion(new BarWriter(Source(provider)), Stored(provider)));
        services.AddSingleton<ProjectionCheck>();
        services.AddHostedService<CheckWorker>();
        services.AddHostedService<SnapshotWorker>();
        AddFeeds(services, feeds);
    }

    /// <summary>The signing of anchors, where they are kept.</summary>
    public static void AddAnchors(IServiceCollection services, AuditOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<AnchorArchive>();
        services.AddSingleton<AnchorState>();
        if (options.Root is not null)
            services.AddHostedService<AnchorWorker>();
    }

    private static void AddFeeds(IServiceCollection services, FeedOptions feeds)
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
                provider.GetRequiredService<ILogger<FolderWorker>>()));
        }
        if (feeds.Polled is { } polled)
        {
            // Addresses are asked for as long as the server lives; one client keeps its connections.
            services.AddSingleton<IHostedService>(provider => Polling(
                provider,
                new HttpBars(new HttpClient(), polled.Address, polled.Symbols, polled.Options, TimeProvider.System),
                polled.Every));
        }
    }

    private static PollingWorker Polling(IServiceProvider provider, IBarProvider bars, TimeSpan every) => new(
        bars,
        every,
        provider.GetRequiredService<BarIngestion>(),
        provider.GetRequiredService<LastPrices>(),
        provider.GetRequiredService<ILogger<PollingWorker>>());

    private static NpgsqlDataSource Source(IServiceProvider provider) =>
        provider.GetRequiredKeyedService<NpgsqlDataSource>(Market);

    private static Action Stored(IServiceProvider provider)
    {
        var prices = provider.GetRequiredService<PriceWorker>();
        var rollups = provider.GetRequiredService<RollupWorker>();
        return () =>
        {
            prices.Stored.Signal();
            rollups.Stored.Signal();
        };
    }
}
