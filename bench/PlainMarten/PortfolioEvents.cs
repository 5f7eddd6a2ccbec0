using Bifrost.Domain;

namespace Bifrost.Bench.PlainMarten;

internal sealed record PortfolioOpened(int UserId, string Name, string Currency, LotMethod LotMethod);

internal sealed record CashDeposited(decimal Amount);

internal sealed record OrderPlaced(
    int OrderId,
    string Symbol,
    OrderSide Side,
    decimal Quantity,
    decimal LimitPrice,
    decimal ReservedCash,
    DateTimeOffset OccurredAt);

/// <summary>Each event of a fill tells the whole of it, as the ledger's do.</summary>
internal sealed record Fill(
    int TransactionId,
    int OrderId,
    string Symbol,
    decimal Quantity,
    decimal Price,
    decimal Commission,
    DateTimeOffset OccurredAt);

internal sealed record OrderExecuted(Fill Fill, string ExecutionId, decimal ReleasedCash);

internal sealed record LotOpened(Fill Fill, decimal Cost, decimal CashAmount);

internal sealed record LotsMatched(Fill Fill, IReadOnlyList<ClosedLot> Lots, decimal CashAmount);

internal sealed record ClosedLot(int LotId, decimal Quantity, decimal Cost);

internal sealed record TradeFilled(Fill Fill, decimal RealizedPnl);
