using System.Collections.Immutable;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain.Holdings;

/// <summary>Shares bought or sold at a price: one row of the transaction table.</summary>
public sealed record Fill
{
    public required int TransactionId { get; init; }

    public required string ExecutionId { get; init; }

    public int? OrderId { get; init; }

    public required string Symbol { get; init; }

    public required OrderSide Side { get; init; }

    /// <summary>Shares that came or went.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>
    /// Of one share; zero for what is worthless or given away, below zero where the instrument may be so.
    /// </summary>
    public required decimal Price { get; init; }

    /// <summary>What one of the quantity is worth at a price of one, where that is not one.</summary>
    public decimal? Multiplier { get; init; }

    /// <summary>What the shares came to before fees, where it is stated and the price is for show.</summary>
    public decimal? StatedGross { get; init; }

    /// <summary>What was taken as a fee of the shares themselves; the quantity is without it.</summary>
    public decimal? FeeQuantity { get; init; }

    /// <summary>Fees in money; below zero for a rebate.</summary>
    public required decimal Commission { get; init; }

    public required decimal Tax { get; init; }

    /// <summary>The code of what prices and amounts are in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    /// <summary>The code of what fees were paid in, where that is another: then they are no part of the cost.</summary>
    public string? FeeCurrency { get; init; }

    /// <summary>
    /// What the currency was worth in the portfolio's own; null of the portfolio's own, and where it is not known.
    /// </summary>
    public Rate? Rate { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    public required LotMethod Method { get; init; }

    /// <summary>Lots that the seller named, taken before any other.</summary>
    public ImmutableArray<LotPick> Lots { get; init; } = [];

    /// <summary>The round trip that the fill belonged to when it was first booked.</summary>
    public int? TradeId { get; init; }

    /// <summary>Quantity times price times multiplier, exact, where nothing else is stated.</summary>
    public decimal Gross => StatedGross ?? Quantity * Price * (Multiplier ?? 1);

    /// <summary>Fees in the fill's own currency.</summary>
    public decimal Fees => FeeCurrency is null ? Commission + Tax : 0;

    public decimal OwnCommission => FeeCurrency is null ? Commission : 0;

    public decimal OwnTax => FeeCurrency is null ? Tax : 0;

    /// <summary>
    /// How fees in another currency move cash there, in whole minor units; null where there are none.
    /// </summary>
    public CashMove? FeeMove => FeeCurrency is { } other ? new(other, -Commission - Tax) : null;

    /// <summary>The exact effect on cash, before it is rounded to the minor unit.</summary>
    public decimal Value => Side == OrderSide.BUY ? -(Gross + Fees) : Gross - Fees;

    /// <summary>What it adds to cash in its currency: in whole minor units.</summary>
    public decimal Cash(Currency own) =>
        Money.ToCash(Value, Currency is null ? own : Domain.Currency.Of(Currency));

    /// <summary>An amount of the fill in the portfolio's currency, for profits; null where that is not known.</summary>
    public decimal? InBase(decimal exact) => Rate is null ? null : Money.At(exact, Rate);

    public decimal SignedQuantity => Side == OrderSide.BUY ? Quantity : -Quantity;

    /// <summary>The part of the fill that <paramref name="quantity"/> of its shares make up.</summary>
    public Fill Part(decimal quantity) => quantity == Quantity ? this : this with
    {
        Quantity = quantity,
        StatedGross = StatedGross is { } gross ? Money.Share(gross, quantity, Quantity) : null,
        Commission = Money.Share(Commission, quantity, Quantity),
        Tax = Money.Share(Tax, quantity, Quantity),
    };

    /// <summary>What the fill is without <paramref name="part"/>; the two add up to it exactly.</summary>
    public Fill Less(Fill part) => this with
    {
        Quantity = Quantity - part.Quantity,
        StatedGross = StatedGross - part.StatedGross,
        Commission = Commission - part.Commission,
        Tax = Tax - part.Tax,
    };
}
