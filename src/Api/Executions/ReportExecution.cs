using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.Orders;
using Bifrost.Domain;
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

    public string? Venue { get; init; }

    public string? ExecutedAt { get; init; }
}

internal static class ReportExecutionRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/orders/{orderId:int}/executions", Handle)
        .OpenTo(AccessRule.Report)
        .WithName("ReportExecution").WithTags("Executions").WithSummary("Books a fill of an order")
        .WithDescription("A fill that fits its order is a fact: where it overdraws it is booked, and says so.")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);

    private static async Task<Results<Created<WriteAnswer>, ProblemHttpResult>> Handle(
        int orderId, Body<ReportExecutionRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var command = new ExecuteOrder
        {
            OrderId = orderId,
            ExecutionId = check.Name("executionId", request.ExecutionId),
            Quantity = check.Quantity("quantity", request.Quantity),
            Price = check.Price("price", request.Price),
            Commission = check.Fee("commission", request.Commission),
            Tax = check.Fee("tax", request.Tax),
            Venue = check.OptionalText("venue", request.Venue, 100),
            OccurredAt = check.Time("executedAt", request.ExecutedAt),
        };
        if (check.Failed)
            return check.Problem;
        if (await writes.Ledger.PortfolioOf(orderId, http.RequestAborted) is not { } portfolioId)
            return OrderRouting.Unknown(orderId);
        var natural = new CommandKey($"execution:{orderId}:{command.ExecutionId}", RejectionCode.ExecutionIdReused);
        return await writes.Create(http, portfolioId, command, request, natural, _ => $"/api/orders/{orderId}");
    }
}
