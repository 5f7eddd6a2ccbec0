using Bifrost.MarketData.Prices;

namespace Bifrost.Api.MarketData;

internal static class MarketDataModule
{
    /// <summary>Where the latest prices are kept, and who is told of them.</summary>
    public static void Add(IServiceCollection services, ServerOptions options)
    {
        var prefix = RedisConnection.PrefixOf(options.Database);
        if (options.Redis is { } redis)
        {
            services.AddSingleton(provider => new RedisConnection(
                redis, provider.GetRequiredService<ILogger<RedisConnection>>()));
            services.AddSingleton<ILatestPrices>(provider => new RedisPrices(
                provider.GetRequiredService<RedisConnection>(), prefix));
        }
        else
        {
            services.AddSingleton<ILatestPrices, MemoryPrices>();
        }
        services.AddSingleton(provider => new PriceFeed(
            provider.GetRequiredService<ILogger<PriceFeed>>(), provider.GetService<RedisConnection>(), prefix));
    }

    public static void Map(RouteGroupBuilder api)
    {
        ListSymbolsRoute.Map(api);
        GetSymbolRoute.Map(api);
        DescribeSymbolRoute.Map(api);
        ListFlagsRoute.Map(api);
        ListBarsRoute.Map(api);
        LoadBarsRoute.Map(api);
        GetLatestPricesRoute.Map(api);
        ListStatisticsRoute.Map(api);
        ListQuarantineRoute.Map(api);
    }
}
