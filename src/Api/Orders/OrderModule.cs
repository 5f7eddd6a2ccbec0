namespace Bifrost.Api.Orders;

internal static class OrderModule
{
    public static void Map(RouteGroupBuilder api)
    {
        PlaceOrderRoute.Map(api);
        GetOrderRoute.Map(api);
        ListOrdersRoute.Map(api);
        ReplaceOrderRoute.Map(api);
        EndOrderRoutes.Map(api);
    }
}
