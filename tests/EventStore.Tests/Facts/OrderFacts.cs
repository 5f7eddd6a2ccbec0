using Bifrost.Domain;
using Bifrost.Domain.Orders;

namespace Bifrost.EventStore.Tests;

/// <summary>Of each event: one with every member, and one without its optional members where it has some.</summary>
internal static class OrderFacts
{
    private static readonly DateTimeOffset At = PortfolioFacts.At;

    private static readonly OrderPlaced Placed = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        OrderId = 17,
        ClientOrderId = "C-1",
        Symbol = "BRK.B",
        Side = OrderSide.SELL,
        Type = OrderType.STOP_LIMIT,
        Quantity = 100.00000001m,
        LimitPrice = 45.1m,
        StopPrice = 44m,
        TimeInForce = TimeInForce.IOC,
        Lots = [new LotPick(5, 60m), new LotPick(6, 40.00000001m)],
        Currency = "EUR",
        ReservedCash = 0m,
        EstimatedFees = 1.25m,
    };

    private static readonly OrderRejected Rejected = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        OrderId = 18,
        ClientOrderId = "C-2",
        Symbol = "ORCL",
        Side = OrderSide.BUY,
        Type = OrderType.LIMIT,
        Quantity = 1m,
        LimitPrice = 45.1m,
        StopPrice = 44m,
        TimeInForce = TimeInForce.DAY,
        Lots = [new LotPick(5, 1m)],
        Code = RejectionCode.InsufficientBuyingPower,
        Reason = "45.00 is free.",
    };

    private static readonly OrderReplaced Replaced = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        OrderId = 17,
        Quantity = 50m,
        LimitPrice = 46m,
        StopPrice = 45m,
        TimeInForce = TimeInForce.FOK,
        ReservedCash = 2300m,
    };

    private static readonly OrderReplaceRejected ReplaceRejected = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        OrderId = 17,
        Quantity = 1m,
        LimitPrice = 46m,
        StopPrice = 45m,
        Code = RejectionCode.ReplacementTooSmall,
        Reason = "10 are filled.",
    };

    private static readonly OrderExecuted Executed = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        OrderId = 17,
        ExecutionId = "X-1",
        TransactionId = 21,
        Quantity = 0.00000001m,
        Price = 999_999_999_999.99999999m,
        Commission = 0.35m,
        Tax = 0.01m,
        FeeCurrency = "USD",
        FeeQuantity = 0.1m,
        Amount = 10.01m,
        Venue = "XNYS",
        ReleasedCash = 10m,
    };

    private static readonly ExecutionCorrected Corrected = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        OrderId = 17,
        ExecutionId = "X-1",
        CorrectionId = "X-1b",
        TransactionId = 21,
        Quantity = 9m,
        Price = 45.09m,
        Commission = 0m,
        Tax = 0m,
        FeeCurrency = "USD",
        FeeQuantity = 0.1m,
        Amount = 405.81m,
        ReleasedCash = 405.81m,
    };

    private static readonly ExecutionBusted Busted = new()
    {
        PortfolioId = 3, OccurredAt = At, OrderId = 17, ExecutionId = "X-1", CorrectionId = "X-1b", TransactionId = 21,
        ReservedCash = 405.81m,
    };

    public static IEnumerable<LedgerEvent> All =>
    [
        Placed,
        Placed with
        {
            ClientOrderId = null, LimitPrice = null, StopPrice = null, Lots = null, EstimatedFees = null,
            Currency = null,
        },
        Rejected,
        Rejected with { ClientOrderId = null, LimitPrice = null, StopPrice = null, Lots = null },
        Replaced,
        Replaced with { LimitPrice = null, StopPrice = null },
        ReplaceRejected,
        ReplaceRejected with { LimitPrice = null, StopPrice = null },
        Cancelled(3, 17),
        new OrderExpired { PortfolioId = 3, OccurredAt = At, OrderId = 17 },
        Executed,
        Executed with { Venue = null, FeeCurrency = null, FeeQuantity = null, Amount = null },
        Corrected,
        Corrected with { CorrectionId = null, FeeCurrency = null, FeeQuantity = null, Amount = null },
        Busted,
        Busted with { CorrectionId = null },
    ];

    public static OrderCancelled Cancelled(int portfolioId, int orderId) =>
        new() { PortfolioId = portfolioId, OccurredAt = At, OrderId = orderId };
}
