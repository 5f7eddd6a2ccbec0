using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Instruments;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.Orders;

internal static class ListOrdersRoute
{
    private const string Sql =
        $"""
        {OrderView.Sql}
        WHERE portfolio_id = @portfolioId AND order_id > @after
          AND (@status::varchar IS NULL OR status = @status) AND (@symbol::varchar IS NULL OR symbol = @symbol)
        ORDER BY order_id LIMIT @take
        """;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/portfolios/{portfolioId:int}/orders", Handle)
        .OpenTo(AccessRule.ReadPortfolio)
        .WithName("ListOrders").WithTags("Orders").WithSummary("Lists a portfolio's orders")
        .AddEndpointFilter<OnlyPresent>().AddEndpointFilter<PortfolioExists>()
        .ProducesProblem(400).ProducesProblem(404);

    private static Task<Results<Ok<Page<OrderView>>, ProblemHttpResult>> Handle(
        int portfolioId,
        string? status,
        string? symbol,
        [AsParameters] Paging paging,
        NpgsqlDataSource database,
        InstrumentCatalog instruments)
    {
        var check = new Check(TimeProvider.System);
        var parameters = new DynamicParameters(new
        {
            portfolioId,
            status = check.OptionalWord<OrderStatus>("status", status),
            symbol = check.OptionalSymbol("symbol", symbol, instruments),
        });
        return Pages.Read<OrderView>(database, paging, Sql, parameters, order => order.OrderId, check);
    }
}
