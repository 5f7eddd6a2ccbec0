namespace Bifrost.Api.Executions;

internal static class ExecutionModule
{
    public static void Map(RouteGroupBuilder api)
    {
        ReportExecutionRoute.Map(api);
        RecordExecutionRoute.Map(api);
        AmendExecutionRoutes.Map(api);
        ListTransactionsRoute.Map(api);
    }
}
