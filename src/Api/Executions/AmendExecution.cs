using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.Orders;
using Bifrost.Domain.Orders;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Executions;

/// <summary>What is left out stays as it was reported.</summary>
public sealed record CorrectExecutionRequest
{
    public decimal? Quantity { get; init; }

    public decimal? Price { get; init; }

    public decimal? Commission { get; init; }

    public decimal? Tax { get; init; }

    public string? ExecutedAt { get; init; }
}

public sealed record BustExecutionRequest
{
    public string? OccurredAt { get; init; }
}

/// <summary>The venue changes an execution that it reported, or takes it back.</summary>
internal static class AmendExecutionRoutes
{
    // The server decodes all of a path but this, so that a segment stays one. No id of ours has a percent sign.
    private static string Decoded(string executionId) =>
        executionId.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/orders/{orderId:int}/executions/{executionId}/correct", Correct)
            .OpenTo(AccessRule.Report)
            .WithName("CorrectExecution").WithTags("Executions").WithSummary("Replaces the terms of an execution")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
        api.MapPost("/orders/{orderId:int}/executions/{executionId}/bust", Bust)
            .OpenTo(AccessRule.Report)
            .WithName("BustExecution").WithTags("Executions").WithSummary("Takes an execution back, as if it never was")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(412);
    }

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Correct(
        int orderId, string executionId, Body<CorrectExecutionRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var command = new CorrectExecution
        {
            OrderId = orderId,
            ExecutionId = Decoded(executionId),
            Quantity = check.Optional("quantity", request.Quantity),
            Price = check.Optional("price", request.Price),
            Commission = request.Commission is null ? null : check.Fee("commission", request.Commission),
            Tax = request.Tax is null ? null : check.Fee("tax", request.Tax),
            OccurredAt = check.Time("executedAt", request.ExecutedAt),
        };
        return check.Failed ? check.Problem : await writes.ChangeOrder(http, command, request);
    }

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Bust(
        int orderId, string executionId, Body<BustExecutionRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var check = new Check(TimeProvider.System);
        var command = new BustExecution
        {
            OrderId = orderId,
            ExecutionId = Decoded(executionId),
            OccurredAt = check.Time("occurredAt", body.Value.OccurredAt),
        };
        return check.Failed ? check.Problem : await writes.ChangeOrder(http, command, body.Value);
    }
}
