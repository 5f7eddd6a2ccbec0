using System.Collections.Immutable;

namespace Bifrost.Domain.Orders;

/// <summary>Shares of one lot that a sale is to take first.</summary>
public sealed record LotPick(int LotId, decimal Quantity);

/// <summary>A fill of an order, as it stands after corrections.</summary>
public sealed record Execution
{
    public required string ExecutionId { get; init; }

    public required int TransactionId { get; init; }

    public required decimal Quantity { get; init; }

    public required decimal Price { get; init; }

    public required decimal Commission { get; init; }

    public required decimal Tax { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Reserved cash that the fill gave back; a bust takes exactly this again.</summary>
    public required decimal ReleasedCash { get; init; }

    /// <summary>Lots of the order that the fill used; a bust gives them back.</summary>
    public ImmutableArray<LotPick> Lots { get; init; } = [];

    public bool IsBusted { get; init; }
}

/// <summary>An order as its events left it.</summary>
public sealed record Order
{
    public required int OrderId { get; init; }

    public string? ClientOrderId { get; init; }

    public required string Symbol { get; init; }

    public required OrderSide Side { get; init; }

    public required OrderType Type { get; init; }

    public required decimal Quantity { get; init; }

    public decimal? LimitPrice { get; init; }

    public decimal? StopPrice { get; init; }

    public required TimeInForce TimeInForce { get; init; }

    public required OrderStatus Status { get; init; }

    public decimal FilledQuantity { get; init; }

    /// <summary>Sum of quantity times price over the fills.</summary>
    public decimal FilledAmount { get; init; }

    public DateTimeOffset? FilledAt { get; init; }

    /// <summary>Cash that the unfilled part of a buy holds back.</summary>
    public decimal ReservedCash { get; init; }

    /// <summary>Fees that the whole of a buy was expected to cost.</summary>
    public decimal EstimatedFees { get; init; }

    /// <summary>Lots that the order named and its fills have not used yet.</summary>
    public ImmutableArray<LotPick> Lots { get; init; } = [];

    public ImmutableDictionary<string, Execution> Executions { get; init; } =
        ImmutableDictionary<string, Execution>.Empty;

    /// <summary>Why the order was refused, where it was.</summary>
    public string? RejectedFor { get; init; }

    public required DateTimeOffset PlacedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Events of the order's stream.</summary>
    public required long Version { get; init; }

    public bool IsWorking => Status is OrderStatus.PENDING or OrderStatus.PARTIALLY_FILLED;

    public decimal Unfilled => IsWorking ? Quantity - FilledQuantity : 0;

    /// <summary>Shares that the unfilled part of a sale holds back.</summary>
    public decimal ReservedShares => Side == OrderSide.SELL ? Unfilled : 0;

    private OrderStatus StatusFor(decimal filled) =>
        filled == Quantity ? OrderStatus.FILLED
        : filled > 0 ? OrderStatus.PARTIALLY_FILLED
        : OrderStatus.PENDING;

    public static Order Evolve(Order? state, OrderEvent happened, DateTimeOffset recordedAt)
    {
        var next = (state, happened) switch
        {
            (null, OrderPlaced e) => Placed(e, recordedAt),
            (null, OrderRejected e) => Placed(e, recordedAt) with
            {
                Status = OrderStatus.REJECTED, RejectedFor = e.Reason,
            },
            ({ IsWorking: true } o, OrderReplaced e) when e.Quantity > o.FilledQuantity => o with
            {
                Quantity = e.Quantity,
                LimitPrice = e.LimitPrice,
                StopPrice = e.StopPrice,
                TimeInForce = e.TimeInForce,
                ReservedCash = e.ReservedCash,
            },
            ({ IsWorking: true } o, OrderReplaceRejected) => o,
            ({ IsWorking: true } o, OrderCancelled or OrderExpired) => o with
            {
                Status = OrderStatus.CANCELLED,
                ReservedCash = 0,
            },
            ({ IsWorking: true } o, OrderExecuted e) when e.Quantity <= o.Unfilled => o.Fill(e),
            ({ } o, ExecutionCorrected e) when o.Executions.ContainsKey(e.ExecutionId) => o.Correct(e),
            ({ } o, ExecutionBusted e) when o.Executions.ContainsKey(e.ExecutionId) => o.Bust(e),
            // A ledger never skips history it does not understand.
            _ => throw new InvalidHistoryException(happened, state is null ? "no order" : $"a {state.Status} order"),
        };
        return next with { UpdatedAt = recordedAt, Version = (state?.Version ?? 0) + 1 };
    }

    private static Order Placed(OrderTermsEvent e, DateTimeOffset recordedAt) => new()
    {
        OrderId = e.OrderId,
        ClientOrderId = e.ClientOrderId,
        Symbol = e.Symbol,
        Side = e.Side,
        Type = e.Type,
        Quantity = e.Quantity,
        LimitPrice = e.LimitPrice,
        StopPrice = e.StopPrice,
        TimeInForce = e.TimeInForce,
        Status = OrderStatus.PENDING,
        ReservedCash = (e as OrderPlaced)?.ReservedCash ?? 0,
        EstimatedFees = (e as OrderPlaced)?.EstimatedFees ?? 0,
        Lots = e.Lots is { } lots ? [.. lots] : [],
        PlacedAt = e.OccurredAt,
        UpdatedAt = recordedAt,
        Version = 0,
    };

    private Order Fill(OrderExecuted e)
    {
        var filled = FilledQuantity + e.Quantity;
        return this with
        {
            FilledQuantity = filled,
            FilledAmount = FilledAmount + e.Quantity * e.Price,
            FilledAt = e.OccurredAt,
            ReservedCash = ReservedCash - e.ReleasedCash,
            Status = StatusFor(filled),
            Lots = LotPicks.Use(Lots, e.Quantity),
            Executions = Executions.Add(e.ExecutionId, new Execution
            {
                ExecutionId = e.ExecutionId,
                TransactionId = e.TransactionId,
                Quantity = e.Quantity,
                Price = e.Price,
                Commission = e.Commission,
                Tax = e.Tax,
                OccurredAt = e.OccurredAt,
                ReleasedCash = e.ReleasedCash,
                Lots = LotPicks.Take(Lots, e.Quantity),
            }),
        };
    }

    private Order Correct(ExecutionCorrected e)
    {
        var old = Executions[e.ExecutionId];
        var filled = FilledQuantity - old.Quantity + e.Quantity;
        var lots = old.Lots.AddRange(Lots);
        return this with
        {
            FilledQuantity = filled,
            FilledAmount = FilledAmount - old.Quantity * old.Price + e.Quantity * e.Price,
            Status = Status == OrderStatus.CANCELLED ? Status : StatusFor(filled),
            ReservedCash = ReservedCash + old.ReleasedCash - e.ReleasedCash,
            Lots = LotPicks.Use(lots, e.Quantity),
            Executions = Executions.SetItem(e.ExecutionId, old with
            {
                Quantity = e.Quantity,
                Price = e.Price,
                Commission = e.Commission,
                Tax = e.Tax,
                OccurredAt = e.OccurredAt,
                ReleasedCash = e.ReleasedCash,
                Lots = LotPicks.Take(lots, e.Quantity),
            }),
        };
    }

    // A bust of a working or filled order makes its shares workable again; a cancelled order stays cancelled.
    private Order Bust(ExecutionBusted e)
    {
        var old = Executions[e.ExecutionId];
        var filled = FilledQuantity - old.Quantity;
        return this with
        {
            FilledQuantity = filled,
            FilledAmount = FilledAmount - old.Quantity * old.Price,
            FilledAt = Executions.Values.Where(x => !x.IsBusted && x != old).Max(x => (DateTimeOffset?)x.OccurredAt),
            Status = Status == OrderStatus.CANCELLED ? Status : StatusFor(filled),
            ReservedCash = ReservedCash + e.ReservedCash,
            Lots = old.Lots.AddRange(Lots),
            Executions = Executions.SetItem(e.ExecutionId, old with { IsBusted = true, ReleasedCash = 0 }),
        };
    }
}
