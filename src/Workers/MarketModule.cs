using Bifrost.Domain;
using Bifrost.Instruments;
using Bifrost.MarketData;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Prices;
using Bifrost.MarketData.Rollups;
using Bifrost.Workers.Instruments;
using Bifrost.Workers.Prices;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Bifrost.Workers;

/// <summary>Instruments; market bars: their storage, ingestion and rollups.</summary>
public static class MarketModule
{
    /// <summary>The key of the market data's own connections; those without a key are the ledger's.</summary>
    public const string Connections = "market";

    /// <summary>Expects <see cref="PriceModule"/> to be registered as well.</summary>
    /// <param name="database">An Npgsql connection string of the database's owner.</param>
    public static void Add(IServiceCollection services, string database)
    {
        services.AddKeyedSingleton(Connections, (_, _) => MarketConnections.Workers(database));
        services.AddSingleton(provider => new InstrumentCatalog(Source(provider)));
        services.AddSingleton<InstrumentOf>(provider => provider.GetRequiredService<InstrumentCatalog>().Of);
        services.AddSingleton(provider => new InstrumentStore(Source(provider)));
        services.AddHostedService<InstrumentWorker>();
        services.AddSingleton(provider => new LastPrices(Source(provider)));
        services.AddSingleton<CurrencyRates>();
        services.AddSingleton<RateOf>(provider => provider.GetRequiredService<CurrencyRates>().Of);
        services.AddSingleton(provider => new BarRollups(Source(provider)));
        services.AddSingleton(provider => new BarIngestion(new BarWriter(Source(provider)), Stored(provider)));
        services.AddSingleton<RollupWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<RollupWorker>());
    }

    private static NpgsqlDataSource Source(IServiceProvider provider) =>
        provider.GetRequiredKeyedService<NpgsqlDataSource>(Connections);

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
