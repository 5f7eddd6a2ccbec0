using Bifrost.Audit.Books;
using Bifrost.Audit.History;
using Bifrost.Replay.Explaining;

namespace Bifrost.Api.Audit;

internal static class AuditModule
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<Explainer>();
        services.AddSingleton<EventHistory>();
        services.AddSingleton<PortfolioBooks>();
    }

    public static void Map(RouteGroupBuilder api)
    {
        GetTrialBalanceRoute.Map(api);
        ExplainRoute.Map(api);
        GetAnchorRoute.Map(api);
        GetKeysRoute.Map(api);
        GetProofRoutes.Map(api);
        ListEventsRoute.Map(api);
        ListJournalRoute.Map(api);
        ExportHistoryRoute.Map(api);
    }
}
