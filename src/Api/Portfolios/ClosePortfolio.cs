using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Portfolios;

public sealed record ClosePortfolioRequest
{
    public string? OccurredAt { get; init; }
}

internal static class ClosePortfolioRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/portfolios/{portfolioId:int}/close", Handle)
        .OpenTo(AccessRule.Trade)
        .WithName("ClosePortfolio").WithTags("Portfolios").WithSummary("Closes a portfolio that is empty")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Handle(
        int portfolioId, Body<ClosePortfolioRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var check = new Check(TimeProvider.System);
        var occurredAt = check.Time("occurredAt", body.Value.OccurredAt);
        if (check.Failed)
            return check.Problem;
        var command = new Domain.Portfolios.ClosePortfolio { OccurredAt = occurredAt };
        return await writes.Change(http, portfolioId, command, body.Value);
    }
}
