using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Domain.Orders;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Orders;

/// <summary>What is left out stays as it is.</summary>
public sealed record ReplaceOrderRequest
{
    public decimal? Quantity { get; init; }

    public decimal? LimitPrice { get; init; }

    public decimal? StopPrice { get; init; }

    public TimeInForce? TimeInForce { get; init; }

    public string? OccurredAt { get; init; }
}

internal static class ReplaceOrderRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPatch("/orders/{orderId:int}", Handle)
        .OpenTo(AccessRule.Trade)
        .WithName("ReplaceOrder").WithTags("Orders").WithSummary("Changes the terms of a working order")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Handle(
        int orderId, Body<ReplaceOrderRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var command = new ReplaceOrder
        {
            OrderId = orderId,
            Quantity = check.Optional("quantity", request.Quantity),
            LimitPrice = check.OptionalAmount("limitPrice", request.LimitPrice),
            StopPrice = check.OptionalAmount("stopPrice", request.StopPrice),
            TimeInForce = request.TimeInForce,
            OccurredAt = check.Time("occurredAt", request.OccurredAt),
        };
        return check.Failed ? check.Problem : await writes.ChangeOrder(http, command, request);
    }
}
