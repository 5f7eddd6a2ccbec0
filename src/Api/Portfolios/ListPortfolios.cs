using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.Portfolios;

internal static class ListPortfoliosRoute
{
    private const string Sql =
        $"""
        {PortfolioView.Sql}
        WHERE p.portfolio_id > @after AND (@userId::integer IS NULL OR p.user_id = @userId)
          AND (@own::integer IS NULL OR p.user_id = @own)
        ORDER BY p.portfolio_id LIMIT @take
        """;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/portfolios", Handle)
        .OpenTo(AccessRule.ReadPortfolios)
        .WithName("ListPortfolios").WithTags("Portfolios")
        .WithSummary("Lists portfolios, of one user or all that the caller may see")
        .ProducesProblem(400);

    private static Task<Results<Ok<Page<PortfolioView>>, ProblemHttpResult>> Handle(
        int? userId, [AsParameters] Paging paging, HttpContext http, NpgsqlDataSource database)
    {
        var parameters = new DynamicParameters();
        parameters.Add("userId", userId);
        parameters.Add("own", Caller.Of(http).UserId);
        return Pages.Read<PortfolioView>(database, paging, Sql, parameters, portfolio => portfolio.PortfolioId);
    }
}
