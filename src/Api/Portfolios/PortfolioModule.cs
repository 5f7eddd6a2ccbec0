using Bifrost.EventStore;
using Bifrost.Grains;
using Bifrost.Replay.TimeTravel;

namespace Bifrost.Api.Portfolios;

/// <summary>Portfolios, as they are and as they were.</summary>
internal static class PortfolioModule
{
    /// <param name="database">An Npgsql connection string of the database's owner.</param>
    public static void Add(IServiceCollection services, string database)
    {
        services.AddSingleton(_ => LedgerConnections.Readers(database));
        services.AddSingleton<EventLog>();
        services.AddSingleton<Travel>();
        services.AddSingleton<PastMarks>();
        services.AddSingleton<Executions.FactRates>();
        services.AddSingleton<PastTrades>();
    }

    public static void Map(RouteGroupBuilder api)
    {
        OpenPortfolioRoute.Map(api);
        ListPortfoliosRoute.Map(api);
        GetPortfolioRoute.Map(api);
        ChangePortfolioRoute.Map(api);
        ClosePortfolioRoute.Map(api);
    }
}
