using System.Text.Json.Serialization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Portfolios;

/// <summary>What is left out stays as it is.</summary>
public sealed record ChangePortfolioRequest
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public LotMethod? LotMethod { get; init; }

    public bool? AllowShort { get; init; }

    public bool? AllowOverdraft { get; init; }

    /// <inheritdoc cref="OpenPortfolioRequest.CurrencyHaircut"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? CurrencyHaircut { get; init; }

    public string? OccurredAt { get; init; }
}

internal static class ChangePortfolioRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPatch("/portfolios/{portfolioId:int}", Handle)
        .OpenTo(AccessRule.Trade)
        .WithName("ChangePortfolio").WithTags("Portfolios").WithSummary("Renames a portfolio or changes its settings")
        .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Handle(
        int portfolioId, Body<ChangePortfolioRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var name = request.Name is null ? null : check.Text("name", request.Name, 255);
        var description = check.OptionalText("description", request.Description, 4000);
        var haircut = check.OptionalPart("currencyHaircut", request.CurrencyHaircut);
        var occurredAt = check.Time("occurredAt", request.OccurredAt);
        if (check.Failed)
            return check.Problem;
        if (request.AllowOverdraft == true && Credit.Problem(http) is { } refused)
            return refused;
        var command = new Domain.Portfolios.ChangePortfolio
        {
            Name = name,
            Description = description,
            LotMethod = request.LotMethod,
            AllowShort = request.AllowShort,
            AllowOverdraft = request.AllowOverdraft,
            CurrencyHaircut = haircut,
            OccurredAt = occurredAt,
        };
        return await writes.Change(http, portfolioId, command, request);
    }
}
