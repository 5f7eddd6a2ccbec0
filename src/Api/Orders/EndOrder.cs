using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Domain.Orders;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Orders;

public sealed record EndOrderRequest
{
    public string? OccurredAt { get; init; }
}

/// <summary>An order that ends before it is filled: its owner cancels it, or the venue says that it expired.</summary>
internal static class EndOrderRoutes
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapDelete("/orders/{orderId:int}", Cancel)
            .OpenTo(AccessRule.Trade)
            .WithName("CancelOrder").WithTags("Orders").WithSummary("Cancels a working order")
            .ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);
        api.MapPost("/orders/{orderId:int}/expire", Expire)
            .OpenTo(AccessRule.Report)
            .WithName("ExpireOrder").WithTags("Orders").WithSummary("Records that the venue ended a working order")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);
    }

    private static Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Cancel(
        int orderId, HttpContext http, Writes writes) =>
        writes.ChangeOrder(http, new CancelOrder { OrderId = orderId }, new EndOrderRequest());

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Expire(
        int orderId, Body<EndOrderRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var check = new Check(TimeProvider.System);
        var command = new ExpireOrder
        {
            OrderId = orderId,
            OccurredAt = check.Time("occurredAt", body.Value.OccurredAt),
        };
        return check.Failed ? check.Problem : await writes.ChangeOrder(http, command, body.Value);
    }
}
