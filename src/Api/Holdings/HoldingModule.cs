namespace Bifrost.Api.Holdings;

internal static class HoldingModule
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<HoldingReads>();
        services.AddSingleton<PastTradeReads>();
    }

    public static void Map(RouteGroupBuilder api)
    {
        ListHoldingsRoute.Map(api);
        ListTradesRoute.Map(api);
    }
}
