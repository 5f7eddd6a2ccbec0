using System.Collections.Immutable;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Domain.Orders;
using Bifrost.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Orders;

public sealed record PlaceOrderRequest
{
    /// <summary>The caller's id: an order with it is placed once.</summary>
    public string? ClientOrderId { get; init; }

    public string? Symbol { get; init; }

    public OrderSide? Side { get; init; }

    public OrderType? Type { get; init; }

    public decimal? Quantity { get; init; }

    public decimal? LimitPrice { get; init; }

    public decimal? StopPrice { get; init; }

    public TimeInForce? TimeInForce { get; init; }

    /// <summary>The lots that the order is to close; they add up to its quantity.</summary>
    public IReadOnlyList<LotPickRequest>? Lots { get; init; }

    /// <summary>Fees that a buy is expected to cost: reserved beside its price.</summary>
    public decimal? EstimatedFees { get; init; }

    public string? OccurredAt { get; init; }
}

public sealed record LotPickRequest
{
    public int? LotId { get; init; }

    public decimal? Quantity { get; init; }

    private const int Most = 1000;

    internal static ImmutableArray<LotPick> Check(Check check, IReadOnlyList<LotPickRequest>? picks)
    {
        if (picks?.Count > Most)
            check.Add("lots", $"names {picks.Count} lots; at most {Most} can be.");
        return [.. (picks ?? []).Take(Most).Select((pick, i) => new LotPick(
            check.Id($"lots[{i}].lotId", pick?.LotId), check.Quantity($"lots[{i}].quantity", pick?.Quantity)))];
    }
}

internal static class PlaceOrderRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/portfolios/{portfolioId:int}/orders", Handle)
        .OpenTo(AccessRule.Trade)
        .WithName("PlaceOrder").WithTags("Orders").WithSummary("Places an order")
        .WithDescription("Refused by a rule: 422, and on the record as a REJECTED order.")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);

    private static async Task<Results<Created<WriteAnswer>, ProblemHttpResult>> Handle(
        int portfolioId, Body<PlaceOrderRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var command = new PlaceOrder
        {
            ClientOrderId = check.OptionalName("clientOrderId", request.ClientOrderId),
            Symbol = check.Symbol(
                "symbol", request.Symbol, writes.Instruments, check.Time("occurredAt", request.OccurredAt)),
            Side = check.Required("side", request.Side),
            Type = check.Required("type", request.Type),
            Quantity = check.Quantity("quantity", request.Quantity),
            LimitPrice = check.OptionalAmount("limitPrice", request.LimitPrice),
            StopPrice = check.OptionalAmount("stopPrice", request.StopPrice),
            TimeInForce = request.TimeInForce ?? TimeInForce.GTC,
            Lots = LotPickRequest.Check(check, request.Lots),
            EstimatedFees = Money.Normalize(check.NotNegative("estimatedFees", request.EstimatedFees)),
            OccurredAt = check.Time("occurredAt", request.OccurredAt),
        };
        if (request.Type is { } type && !OrderTerms.Fit(type, request.LimitPrice, request.StopPrice))
        {
            check.Add(
                request.LimitPrice is null && type != OrderType.STOP ? "limitPrice" : "stopPrice",
                OrderTerms.Needed(type));
        }
        if (check.Failed)
            return check.Problem;
        var natural = command.ClientOrderId is { } id
            ? new CommandKey($"client-order:{portfolioId}:{id}", RejectionCode.ClientOrderIdReused)
            : (CommandKey?)null;
        return await writes.Create(
            http, portfolioId, command, request, natural, answer => $"/api/orders/{answer.OrderId}");
    }
}
