using System.Text.Json.Serialization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.Orders;
using Bifrost.Domain;
using Bifrost.Domain.Orders;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Executions;

public sealed record RecordExecutionRequest
{
    /// <summary>The broker's id: an execution with it is booked once a portfolio.</summary>
    public string? ExecutionId { get; init; }

    public string? Symbol { get; init; }

    public OrderSide? Side { get; init; }

    public decimal? Quantity { get; init; }

    public decimal? Price { get; init; }

    public decimal? Commission { get; init; }

    public decimal? Tax { get; init; }

    /// <summary>
    /// What fees were paid in, where that is not what the price is in: then they are no part of the cost.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FeeCurrency { get; init; }

    /// <summary>
    /// What one of the instrument's currency was worth in the portfolio's, where they differ. Where nothing is said it
    /// is that of the bars of the pair.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Rate { get; init; }

    /// <summary>What was taken as a fee of the shares themselves.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? FeeQuantity { get; init; }

    /// <summary>
    /// The money that a buyer paid or a seller was paid, fees and all. Where it is stated it is what moves, and the
    /// price is for show.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Amount { get; init; }

    public string? ExecutedAt { get; init; }

    /// <summary>The lots that the fill closes; they add up to its quantity.</summary>
    public IReadOnlyList<LotPickRequest>? Lots { get; init; }
}

internal static class RecordExecutionRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/portfolios/{portfolioId:int}/executions", Handle)
        .OpenTo(AccessRule.Report)
        .WithName("RecordExecution").WithTags("Executions").WithSummary("Books a fill that had no order here")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);

    private static async Task<Results<Created<WriteAnswer>, ProblemHttpResult>> Handle(
        int portfolioId, Body<RecordExecutionRequest> body, HttpContext http, Writes writes, FactRates rates)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var command = new RecordExecution
        {
            ExecutionId = check.ExternalId("executionId", request.ExecutionId),
            Symbol = check.Symbol(
                "symbol", request.Symbol, writes.Instruments, check.Time("executedAt", request.ExecutedAt)),
            Side = check.Required("side", request.Side),
            Quantity = check.Quantity("quantity", request.Quantity),
            Price = check.Price("price", request.Price),
            Commission = check.Fee("commission", request.Commission),
            Tax = check.Fee("tax", request.Tax),
            FeeCurrency = check.OptionalCurrency("feeCurrency", request.FeeCurrency),
            Rate = check.OptionalRate("rate", request.Rate, check.Time("executedAt", request.ExecutedAt)),
            FeeQuantity = check.NotNegative("feeQuantity", request.FeeQuantity),
            Amount = check.OptionalAmount("amount", request.Amount),
            OccurredAt = check.Time("executedAt", request.ExecutedAt),
            Lots = LotPickRequest.Check(check, request.Lots),
        };
        if (check.Failed)
            return check.Problem;
        var natural = ExternalIds.Key(portfolioId, command.ExecutionId);
        var terms = command;
        command = command with { Rate = command.Rate ?? await rates.Of(portfolioId, terms, http.RequestAborted) };
        return await writes.Create(
            http, portfolioId, command, request, natural, _ => $"/api/portfolios/{portfolioId}/transactions", terms);
    }
}
