using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Funding;

public sealed record MoveCashRequest
{
    public FundingType? Type { get; init; }

    /// <summary>Above zero; the type says which way it goes.</summary>
    public decimal? Amount { get; init; }

    /// <summary>What a dividend was paid on.</summary>
    public string? Symbol { get; init; }

    public string? Description { get; init; }

    public string? OccurredAt { get; init; }
}

internal static class MoveCashRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/portfolios/{portfolioId:int}/funding", Handle)
        .OpenTo(AccessRule.ChangePortfolio)
        .WithName("MoveCash").WithTags("Funding")
        .WithSummary("Records a deposit, withdrawal, dividend, interest or fee")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);

    private static async Task<Results<Created<WriteAnswer>, ProblemHttpResult>> Handle(
        int portfolioId, Body<MoveCashRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var command = new Domain.Funding.MoveCash
        {
            Type = check.Required("type", request.Type),
            Amount = check.Quantity("amount", request.Amount),
            Symbol = request.Symbol is null ? null : check.Symbol("symbol", request.Symbol),
            Description = check.OptionalText("description", request.Description, 4000),
            OccurredAt = check.Time("occurredAt", request.OccurredAt),
        };
        return check.Failed
            ? check.Problem
            : await writes.Create(
                http, portfolioId, command, request, null, _ => $"/api/portfolios/{portfolioId}/funding");
    }
}
