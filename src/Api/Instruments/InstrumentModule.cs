namespace Bifrost.Api.Instruments;

internal static class InstrumentModule
{
    public static void Map(RouteGroupBuilder api)
    {
        ListInstrumentsRoute.Map(api);
        GetInstrumentRoute.Map(api);
        DescribeInstrumentRoutes.Map(api);
        AliasRoutes.Map(api);
        ExchangeRoutes.Map(api);
    }
}
