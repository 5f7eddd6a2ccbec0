using System.Globalization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.Portfolios;

internal static class GetPortfolioRoute
{
    private const string Sql = $"{PortfolioView.Sql} WHERE p.portfolio_id = @portfolioId";

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/portfolios/{portfolioId:int}", Handle)
        .OpenTo(AccessRule.ReadPortfolio).ReadsHistory()
        .WithName("GetPortfolio").WithTags("Portfolios").WithSummary("Reads a portfolio, now or as it was")
        .ProducesProblem(400).ProducesProblem(404);

    private static async Task<Results<Ok<PortfolioView>, ProblemHttpResult>> Handle(
        int portfolioId, [AsParameters] PastQuery at, HttpContext http, NpgsqlDataSource database, PastReads pasts)
    {
        if (at.IsAsked)
            return await Past(portfolioId, at, pasts, http.RequestAborted);
        await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
        var portfolio = await connection.QuerySingleOrDefaultAsync<PortfolioView>(Sql, new { portfolioId });
        if (portfolio is null)
            return Problems.Of(RejectionCode.PortfolioNotFound, $"There is no portfolio {portfolioId}.");
        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{portfolio.Version}\"");
        return TypedResults.Ok(portfolio);
    }

    private static async Task<Results<Ok<PortfolioView>, ProblemHttpResult>> Past(
        int portfolioId, PastQuery at, PastReads pasts, CancellationToken cancel)
    {
        var (past, problem) = await pasts.Valued(portfolioId, at, new Check(TimeProvider.System), cancel);
        return past is null
            ? problem!
            : TypedResults.Ok(PortfolioView.Of(past, isEffective: at.Effective is not null));
    }
}
