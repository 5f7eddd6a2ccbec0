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

    public string? FeeCurrency { get; init; }

    public decimal? FeeQuantity { get; init; }

    public decimal? Amount { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Reserved cash that the fill gave back; a bust takes exactly this again.</summary>
    public required decimal ReleasedCash { get; init; }

    /// <summary>Lots of the order that the fill used; a bust gives them back.</summary>
    public ImmutableArray<LotPick> Lots { get; init; } = [];

    public bool IsBusted { get; init; }

    public FillTerms Terms => new()
    {
        Quantity = Quantity, Price = Price, Commission = Commission, Tax = Tax, FeeCurrency = FeeCurrency,
        FeeQuantity = FeeQuantity ?? 0, Amount = Amount,
    };
}

/// <summary>Cash that is held back, and the shares that it is for.</summary>
public sealed record ReserveBasis(decimal Cash, decimal Quantity);

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

    /// <summary>Set where a fill had a price with more decimals than is usual: what is shown has all of them.</summary>
    public bool IsFinelyPriced { get; init; }

    public DateTimeOffset? FilledAt { get; init; }

    /// <summary>The code of what a buy holds back; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    /// <summary>Cash that the unfilled part of a buy holds back.</summary>
    public decimal ReservedCash { get; init; }

    /// <summary>What was held back under the terms that hold now.</summary>
    public ReserveBasis Basis { get; init; } = new(0, 0);

    /// <summary>Fees that the whole of a buy was expected to cost.</summary>
    public decimal EstimatedFees { get; init; }

    /// <summary>Lots that the order named and its fills have not used yet.</summary>
    public ImmutableArray<LotPick> Lots { get; init; } = [];

    public ImmutableDictionary<string, Execution> Executions { get; init; } =
        ImmutableDictionary<string, Execution>.Empty;

    /// <summary>The ids of amendments that have one, each with that of the execution it is of.</summary>
    public ImmutableDictionary<string, string> Corrections { get; init; } = ImmutableDictionary<string, string>.Empty;

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

    /// <summary>The execution of an id, be it that of an amendment; null where there is none.</summary>
    public Execution? ExecutionOf(string id) => Executions.GetValueOrDefault(Corrections.GetValueOrDefault(id, id));

    /// <summary>
    /// Cash that is due to be held back for so many unfilled shares, however they came to be so many.
    /// </summary>
    /// <param name="amended">The execution that gives some of them back, where one does.</param>
    public decimal ReserveFor(decimal unfilled, Currency currency, Execution? amended = null)
    {
        if (unfilled <= 0)
            return 0;
        if (unfilled <= Basis.Quantity)
            return unfilled == Basis.Quantity
                ? Basis.Cash
                : Money.ToCash(Money.Share(Basis.Cash, unfilled, Basis.Quantity), currency);
        // They were filled under earlier terms, and are worked again as they were then.
        return amended is null
            ? Basis.Cash
            : Basis.Cash + Money.ToCash(
                Money.Share(amended.ReleasedCash, unfilled - Basis.Quantity, amended.Quantity), currency);
    }

    private OrderStatus StatusFor(decimal filled) =>
        Status == OrderStatus.CANCELLED ? Status
        : filled >= Quantity ? OrderStatus.FILLED
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
            ({ IsWorking: true } o, OrderReplaced e) when e.Quantity >= o.FilledQuantity => o.Replace(e),
            ({ IsWorking: true } o, OrderReplaceRejected) => o,
            ({ IsWorking: true } o, OrderCancelled or OrderExpired) => o with
            {
                Status = OrderStatus.CANCELLED,
                ReservedCash = 0,
            },
            // A venue may fill more than was left, and an order that has ended here: what it did is a fact.
            ({ Status: not OrderStatus.REJECTED } o, OrderExecuted e) when !o.Executions.ContainsKey(e.ExecutionId) =>
                o.Fill(e),
            ({ } o, ExecutionCorrected e) when o.Executions.ContainsKey(e.ExecutionId) => o.Correct(e).WithBasis(),
            ({ } o, ExecutionBusted e) when o.Executions.ContainsKey(e.ExecutionId) => o.Bust(e).WithBasis(),
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
        Currency = (e as OrderPlaced)?.Currency,
        ReservedCash = (e as OrderPlaced)?.ReservedCash ?? 0,
        Basis = new((e as OrderPlaced)?.ReservedCash ?? 0, e.Quantity),
        EstimatedFees = (e as OrderPlaced)?.EstimatedFees ?? 0,
        Lots = e.Lots is { } lots ? [.. lots] : [],
        PlacedAt = e.OccurredAt,
        UpdatedAt = recordedAt,
        Version = 0,
    };

    // A venue that reduces an order to what is filled of it has filled it.
    private Order Replace(OrderReplaced e)
    {
        var replaced = this with
        {
            Quantity = e.Quantity,
            LimitPrice = e.LimitPrice,
            StopPrice = e.StopPrice,
            TimeInForce = e.TimeInForce,
            ReservedCash = e.ReservedCash,
            // An order that has nothing left to fill may yet get it back.
            Basis = e.Quantity == FilledQuantity ? Basis : new(e.ReservedCash, e.Quantity - FilledQuantity),
        };
        return replaced with { Status = replaced.StatusFor(FilledQuantity) };
    }

    private Order Fill(OrderExecuted e)
    {
        var filled = FilledQuantity + e.Quantity;
        return this with
        {
            FilledQuantity = filled,
            FilledAmount = FilledAmount + e.Quantity * e.Price,
            IsFinelyPriced = IsFinelyPriced || Money.IsFine(e.Price),
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
                FeeCurrency = e.FeeCurrency,
                FeeQuantity = e.FeeQuantity,
                Amount = e.Amount,
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
            IsFinelyPriced = IsFinelyPriced || Money.IsFine(e.Price),
            Status = StatusFor(filled),
            ReservedCash = ReservedCash + old.ReleasedCash - e.ReleasedCash,
            Lots = LotPicks.Use(lots, e.Quantity),
            Corrections = CorrectionsWith(e.CorrectionId, e.ExecutionId),
            Executions = Executions.SetItem(e.ExecutionId, old with
            {
                Quantity = e.Quantity,
                Price = e.Price,
                Commission = e.Commission,
                Tax = e.Tax,
                FeeCurrency = e.FeeCurrency,
                FeeQuantity = e.FeeQuantity,
                Amount = e.Amount,
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
            Status = StatusFor(filled),
            ReservedCash = ReservedCash + e.ReservedCash,
            Lots = old.Lots.AddRange(Lots),
            Corrections = CorrectionsWith(e.CorrectionId, e.ExecutionId),
            Executions = Executions.SetItem(e.ExecutionId, old with { IsBusted = true, ReleasedCash = 0 }),
        };
    }

    private ImmutableDictionary<string, string> CorrectionsWith(string? id, string executionId) =>
        id is null ? Corrections : Corrections.SetItem(id, executionId);

    private Order WithBasis() => Unfilled > Basis.Quantity ? this with { Basis = new(ReservedCash, Unfilled) } : this;
}
