using System.Collections.Immutable;

namespace Bifrost.Domain.Orders;

public abstract record OrderEvent : LedgerEvent
{
    public required int OrderId { get; init; }

    public override StreamId Stream => StreamId.Order(OrderId);
}

/// <summary>The terms of an order, accepted or not.</summary>
public abstract record OrderTermsEvent : OrderEvent
{
    public string? ClientOrderId { get; init; }

    public required string Symbol { get; init; }

    public required OrderSide Side { get; init; }

    public required OrderType Type { get; init; }

    public required decimal Quantity { get; init; }

    public decimal? LimitPrice { get; init; }

    public decimal? StopPrice { get; init; }

    public required TimeInForce TimeInForce { get; init; }

    /// <summary>The lots that the order names, if any.</summary>
    public ImmutableArray<LotPick>? Lots { get; init; }
}

public sealed record OrderPlaced : OrderTermsEvent
{
    /// <summary>The code of what is held back; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    /// <summary>Cash that a buy holds back; zero for a sale.</summary>
    public required decimal ReservedCash { get; init; }

    /// <summary>The part of it that is for fees, if any; a replacement keeps it.</summary>
    public decimal? EstimatedFees { get; init; }
}

public sealed record OrderRejected : OrderTermsEvent
{
    public required RejectionCode Code { get; init; }

    public required string Reason { get; init; }
}

public sealed record OrderReplaced : OrderEvent
{
    public required decimal Quantity { get; init; }

    public decimal? LimitPrice { get; init; }

    public decimal? StopPrice { get; init; }

    public required TimeInForce TimeInForce { get; init; }

    /// <summary>Cash that the unfilled part holds back from now on.</summary>
    public required decimal ReservedCash { get; init; }
}

/// <summary>A change of terms that was refused; the order works on as it was.</summary>
public sealed record OrderReplaceRejected : OrderEvent
{
    public required decimal Quantity { get; init; }

    public decimal? LimitPrice { get; init; }

    public decimal? StopPrice { get; init; }

    public required RejectionCode Code { get; init; }

    public required string Reason { get; init; }
}

public sealed record OrderCancelled : OrderEvent;

/// <summary>The venue ended the order: its day is over, or what IOC and FOK left was not filled at once.</summary>
public sealed record OrderExpired : OrderEvent;

public sealed record OrderExecuted : OrderEvent
{
    public required string ExecutionId { get; init; }

    public required int TransactionId { get; init; }

    public required decimal Quantity { get; init; }

    public required decimal Price { get; init; }

    public required decimal Commission { get; init; }

    public required decimal Tax { get; init; }

    /// <inheritdoc cref="FillTerms.FeeCurrency"/>
    public string? FeeCurrency { get; init; }

    public decimal? FeeQuantity { get; init; }

    /// <summary>The money that moved, where it was stated.</summary>
    public decimal? Amount { get; init; }

    public string? Venue { get; init; }

    /// <summary>Reserved cash given back, in proportion to the quantity.</summary>
    public required decimal ReleasedCash { get; init; }
}

/// <summary>The venue reported other terms of an execution; these replace the first.</summary>
public sealed record ExecutionCorrected : OrderEvent
{
    public required string ExecutionId { get; init; }

    /// <summary>The id that the venue gave the amendment itself.</summary>
    public string? CorrectionId { get; init; }

    public required int TransactionId { get; init; }

    public required decimal Quantity { get; init; }

    public required decimal Price { get; init; }

    public required decimal Commission { get; init; }

    public required decimal Tax { get; init; }

    /// <inheritdoc cref="FillTerms.FeeCurrency"/>
    public string? FeeCurrency { get; init; }

    public decimal? FeeQuantity { get; init; }

    /// <summary>The money that moved, where it was stated.</summary>
    public decimal? Amount { get; init; }

    /// <summary>Reserved cash that the execution gives back under the corrected terms.</summary>
    public required decimal ReleasedCash { get; init; }
}

/// <summary>The venue took an execution back: it never was.</summary>
public sealed record ExecutionBusted : OrderEvent
{
    public required string ExecutionId { get; init; }

    /// <summary>The id that the venue gave the amendment itself.</summary>
    public string? CorrectionId { get; init; }

    public required int TransactionId { get; init; }

    /// <summary>Cash held back again for the shares that are workable again.</summary>
    public required decimal ReservedCash { get; init; }
}
