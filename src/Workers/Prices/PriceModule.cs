using Bifrost.MarketData.Prices;
using Microsoft.Extensions.DependencyInjection;

namespace Bifrost.Workers.Prices;

/// <summary>Latest prices, and the valuation of holdings by them.</summary>
public static class PriceModule
{
    /// <summary>
    /// Expects <see cref="MarketModule"/>, the ledger with its readers' connections, <see cref="ILatestPrices"/> and
    /// <see cref="PriceFeed"/> to be registered as well.
    /// </summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<Valuation>();
        services.AddSingleton<PriceWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<PriceWorker>());
        services.AddHostedService<ValuationWorker>();
    }
}
