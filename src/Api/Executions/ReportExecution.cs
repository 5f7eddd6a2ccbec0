using System.Text.Json.Serialization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.Orders;
using Bifrost.Domain.Orders;
using Bifrost.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Executions;

public sealed record ReportExecutionRequest
{
    /// <summary>The venue's id: an execution with it is booked once.</summary>
    public string? ExecutionId { get; init; }

    public decimal? Quantity { get; init; }

    public decimal? Price { get; init; }

    public decimal? Commission { get; init; }

    public decimal? Tax { get; init; }

    /// <inheritdoc cref="RecordExecutionRequest.FeeCurrency"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FeeCurrency { get; init; }

    /// <inheritdoc cref="RecordExecutionRequest.Rate"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Rate { get; init; }

    /// <inheritdoc cref="RecordExecutionRequest.FeeQuantity"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? FeeQuantity { get; init; }

    /// <inheritdoc cref="RecordExecutionRequest.Amount"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Amount { get; init; }

    public string? Venue { get; init; }

    public string? ExecutedAt { get; init; }
}

internal static class ReportExecutionRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/orders/{orderId:int}/executions", Handle)
        .OpenTo(AccessRule.Report)
        .WithName("ReportExecution").WithTags("Executions").WithSummary("Books a fill of an order")
        .WithDescription(
            "A fill is a fact: where it overdraws, is more than the order was for, or comes after its end, it is "
            + "booked, and the answer says so.")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);

    private static async Task<Results<Created<WriteAnswer>, ProblemHttpResult>> Handle(
        int orderId, Body<ReportExecutionRequest> body, HttpContext http, Writes writes, FactRates rates)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var command = new ExecuteOrder
        {
            OrderId = orderId,
            ExecutionId = check.ExternalId("executionId", request.ExecutionId),
            Quantity = check.Quantity("quantity", request.Quantity),
            Price = check.Price("price", request.Price),
            Commission = check.Fee("commission", request.Commission),
            Tax = check.Fee("tax", request.Tax),
            FeeCurrency = check.OptionalCurrency("feeCurrency", request.FeeCurrency),
            Rate = check.OptionalRate("rate", request.Rate, check.Time("executedAt", request.ExecutedAt)),
            FeeQuantity = check.NotNegative("feeQuantity", request.FeeQuantity),
            Amount = check.OptionalAmount("amount", request.Amount),
            Venue = check.OptionalText("venue", request.Venue, 100),
            OccurredAt = check.Time("executedAt", request.ExecutedAt),
        };
        if (check.Failed)
            return check.Problem;
        if (await writes.Ledger.HomeOf(orderId, http.RequestAborted) is not { } home)
            return OrderRouting.Unknown(orderId);
        var natural = ExternalIds.Key(home.PortfolioId, command.ExecutionId);
        var terms = AsFact(command, home);
        command = command with { Rate = command.Rate ?? await rates.Of(home.PortfolioId, terms, http.RequestAborted) };
        return await writes.Create(
            http, home.PortfolioId, command, request, natural, _ => $"/api/orders/{orderId}", terms);
    }

    // What is compared where the execution comes again, whichever way it comes.
    private static RecordExecution AsFact(ExecuteOrder c, OrderHome home) => new()
    {
        ExecutionId = c.ExecutionId,
        Symbol = home.Symbol,
        Side = home.Side,
        Quantity = c.Quantity,
        Price = c.Price,
        Commission = c.Commission,
        Tax = c.Tax,
        FeeCurrency = c.FeeCurrency,
        Rate = c.Rate,
        FeeQuantity = c.FeeQuantity,
        Amount = c.Amount,
        OccurredAt = c.OccurredAt,
    };
}
