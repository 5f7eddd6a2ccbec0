namespace Bifrost.Api.Funding;

internal static class FundingModule
{
    public static void Map(RouteGroupBuilder api)
    {
        MoveCashRoute.Map(api);
        AmendFundingRoutes.Map(api);
        ListFundingRoute.Map(api);
        ListCashBalancesRoute.Map(api);
    }
}
