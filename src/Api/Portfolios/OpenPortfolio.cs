using System.Text.Json.Serialization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Portfolios;

public sealed record OpenPortfolioRequest
{
    /// <summary>The owner. A user seen for the first time is made.</summary>
    public int? UserId { get; init; }

    /// <summary>Unique among the user's portfolios.</summary>
    public string? Name { get; init; }

    public string? Description { get; init; }

    /// <summary>An ISO 4217 code, or that of a coin; USD where nothing is said.</summary>
    public string? Currency { get; init; }

    /// <summary>Which lots a sale closes; FIFO where nothing is said.</summary>
    public LotMethod? LotMethod { get; init; }

    public bool? AllowShort { get; init; }

    public bool? AllowOverdraft { get; init; }

    /// <summary>
    /// The part of cash in other currencies that buying power leaves out, from 0, as where nothing is said, to 1.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? CurrencyHaircut { get; init; }

    public string? OccurredAt { get; init; }
}

internal static class OpenPortfolioRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/portfolios", Handle)
        .OpenTo(AccessRule.OpenPortfolio)
        .WithName("OpenPortfolio").WithTags("Portfolios").WithSummary("Opens a portfolio")
        .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(422);

    private static async Task<Results<Created<WriteAnswer>, ProblemHttpResult>> Handle(
        Body<OpenPortfolioRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var code = check.OptionalCurrency("currency", request.Currency) ?? "USD";
        var userId = check.Id("userId", request.UserId);
        var name = check.Text("name", request.Name, 255);
        var description = check.OptionalText("description", request.Description, 4000);
        var haircut = check.OptionalPart("currencyHaircut", request.CurrencyHaircut);
        var occurredAt = check.Time("occurredAt", request.OccurredAt);
        if (check.Failed)
            return check.Problem;
        if (!Caller.Of(http).MaySee(userId))
            return Problems.Of(Problems.NotAllowed, $"The portfolios of user {userId} are opened by others than you.");
        if (request.AllowOverdraft == true && Credit.Problem(http) is { } refused)
            return refused;
        var command = new Domain.Portfolios.OpenPortfolio
        {
            PortfolioId = writes.Ledger.NextPortfolioId(),
            UserId = userId,
            Name = name,
            Description = description,
            Currency = Currency.Of(code),
            LotMethod = request.LotMethod ?? LotMethod.FIFO,
            AllowShort = request.AllowShort ?? false,
            AllowOverdraft = request.AllowOverdraft ?? false,
            CurrencyHaircut = haircut ?? 0,
            OccurredAt = occurredAt,
        };
        return await writes.Create(
            http, command.PortfolioId, command, request, null, answer => $"/api/portfolios/{answer.PortfolioId}");
    }
}
