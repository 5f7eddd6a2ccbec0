using System.Collections.Immutable;
using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain.Holdings;

public abstract record HoldingEvent : LedgerEvent
{
    public required int HoldingId { get; init; }

    public required string Symbol { get; init; }

    /// <summary>The code of what the position is in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    public override StreamId Stream => StreamId.Holding(PortfolioId, Symbol);
}

/// <summary>
/// A fill and what it did to the lots. Carries the whole fill, so that it can be explained by itself.
/// </summary>
public abstract record HoldingFilled : HoldingEvent
{
    public required int TransactionId { get; init; }

    public required string ExecutionId { get; init; }

    /// <summary>None where the fill had no order here.</summary>
    public int? OrderId { get; init; }

    public required OrderSide Side { get; init; }

    public required decimal Quantity { get; init; }

    public required decimal Price { get; init; }

    /// <summary>What one of the quantity is worth at a price of one, where that is not one.</summary>
    public decimal? Multiplier { get; init; }

    /// <summary>What the shares came to before fees, where it was stated; else what follows from the price.</summary>
    public decimal? StatedGross { get; init; }

    /// <summary>What was taken as a fee of the shares themselves; the quantity is without it.</summary>
    public decimal? FeeQuantity { get; init; }

    public required decimal Commission { get; init; }

    public required decimal Tax { get; init; }

    /// <inheritdoc cref="Fill.FeeCurrency"/>
    public string? FeeCurrency { get; init; }

    /// <inheritdoc cref="Fill.Rate"/>
    public Rate? Rate { get; init; }

    /// <summary>What the fill adds to cash in its currency, in whole minor units.</summary>
    public required decimal CashAmount { get; init; }

    public required LotMethod Method { get; init; }

    /// <summary>The round trip that the fill opened, increased, reduced or closed.</summary>
    public required int TradeId { get; init; }

    /// <summary>
    /// Set where the holding had a price of a later fill when this one became known: the price stays. Events that were
    /// stored before it was told do not have it: the price then was that of the fill that became known last.
    /// </summary>
    public bool? IsLate { get; init; }

    public decimal Gross => StatedGross ?? Quantity * Price * (Multiplier ?? 1);

    public Fill ToFill() => new()
    {
        TransactionId = TransactionId,
        ExecutionId = ExecutionId,
        OrderId = OrderId,
        Symbol = Symbol,
        Side = Side,
        Quantity = Quantity,
        Price = Price,
        Multiplier = Multiplier,
        StatedGross = StatedGross,
        FeeQuantity = FeeQuantity,
        Commission = Commission,
        Tax = Tax,
        Currency = Currency,
        FeeCurrency = FeeCurrency,
        Rate = Rate,
        OccurredAt = OccurredAt,
        Method = Method,
        TradeId = TradeId,
    };
}

/// <summary>
/// The fill opened a lot, whose id is the transaction's. Under AVERAGE it joined the pool instead, which keeps the
/// id and date of its first lot.
/// </summary>
public sealed record LotOpened : HoldingFilled
{
    /// <summary>
    /// Exact cost in the holding's currency; below zero for a short lot, whose sale brought cash in.
    /// </summary>
    public required decimal Cost { get; init; }

    /// <inheritdoc cref="Lot.BaseCost"/>
    public decimal? BaseCost { get; init; }
}

/// <summary>The fill closed lots: which, how much of each, and what that realized, as decided at the time.</summary>
public sealed record LotsMatched : HoldingFilled
{
    public required ImmutableArray<LotMatch> Matches { get; init; }

    /// <summary>The lots that the seller named, if any; an amendment books the fill with them again.</summary>
    public ImmutableArray<Orders.LotPick>? Named { get; init; }

    /// <summary>The lot that the rest of the fill opened where it went through zero.</summary>
    public CrossedLot? Opened { get; init; }
}

/// <summary>
/// A part of a lot that was closed. Quantity and cost carry the lot's sign, proceeds the opposite fill's effect on
/// cash; the realized P&amp;L is proceeds less cost, on either side.
/// </summary>
public sealed record LotMatch(int LotId, decimal Quantity, decimal Cost, decimal Proceeds)
{
    public decimal RealizedPnl => Proceeds - Cost;

    /// <inheritdoc cref="Lot.BaseCost"/>
    public decimal? BaseCost { get; init; }

    /// <summary>The proceeds in the portfolio's currency at the rate of the fill, alike.</summary>
    public decimal? BaseProceeds { get; init; }

    /// <summary>
    /// What the cost became worth more, or less, in the portfolio's currency since the lot was opened.
    /// </summary>
    public decimal? FxPnl { get; init; }
}

public sealed record CrossedLot(decimal Quantity, decimal Cost, int TradeId)
{
    /// <inheritdoc cref="Lot.BaseCost"/>
    public decimal? BaseCost { get; init; }
}

/// <summary>The lot method became AVERAGE: the lots of the holding are one pool from here on.</summary>
public sealed record LotsPooled : HoldingEvent;

/// <summary>The holding was booked again, as if something had always been known: this is what it is now.</summary>
public abstract record HoldingRebooked : HoldingEvent
{
    /// <summary>All lots as they are now, where all of them changed. Once it was always told.</summary>
    public ImmutableArray<Lot>? Lots { get; init; }

    /// <summary>What of the lots changed, where <see cref="Lots"/> does not say what they are.</summary>
    public ImmutableArray<LotChange>? LotChanges { get; init; }

    /// <summary>All that the holding ever realized, after the change.</summary>
    public required decimal RealizedPnl { get; init; }

    /// <summary>The same in the portfolio's currency, where the holding is in another.</summary>
    public BasePnl? InBase { get; init; }

    /// <summary>Round trips that fills open now, by transaction, where it is not the one they had.</summary>
    public ImmutableDictionary<int, int>? TradeIds { get; init; }

    /// <summary>
    /// Price of the latest fill that there is after the change. Events that were stored before it was told do not have
    /// it: the holding then kept the price it had.
    /// </summary>
    public decimal? LastPrice { get; init; }

    /// <summary>When that fill occurred.</summary>
    public DateTimeOffset? LastPriceAt { get; init; }

    public required decimal QuantityChange { get; init; }

    public required decimal CostChange { get; init; }

    public required decimal RealizedPnlChange { get; init; }
}

/// <summary>
/// An execution was corrected or busted, or became known after a split that it was before: the holding is what it would
/// be had the execution always had these terms, or never been.
/// </summary>
public sealed record HoldingRestated : HoldingRebooked
{
    public required int TransactionId { get; init; }

    /// <summary>The transaction under the terms that hold now; none where it was busted.</summary>
    public Fill? Corrected { get; init; }

    /// <summary>The id that a venue or a broker gave the amendment itself.</summary>
    public string? CorrectionId { get; init; }

    /// <summary>Set where the transaction is new, and no earlier event has it.</summary>
    public bool? IsNew { get; init; }

    /// <summary>What the change adds to cash in the holding's currency, in whole minor units.</summary>
    public required decimal CashAmount { get; init; }

    /// <summary>What it adds to cash in others, by fees.</summary>
    public ImmutableArray<CashMove>? FeeMoves { get; init; }
}

/// <summary>
/// The shares were split. Each lot has more or fewer of them at the cost it had. Where fills were booked that came
/// after the split, the holding is what it would be had the split been known to them.
/// </summary>
public sealed record HoldingSplit : HoldingRebooked
{
    public required int Numerator { get; init; }

    public required int Denominator { get; init; }

    public Split ToSplit() => new(OccurredAt, Numerator, Denominator);
}
