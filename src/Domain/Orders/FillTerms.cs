using Bifrost.Domain.Holdings;
using Bifrost.Domain.Instruments;

namespace Bifrost.Domain.Orders;

/// <summary>What a venue or a broker says of a fill.</summary>
public sealed record FillTerms
{
    // The price of a statement is rounded, and the amount is not: they may differ by this part of it.
    private const decimal Tolerance = 0.01m;

    /// <summary>Shares that were traded, above zero.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>Of one share.</summary>
    public required decimal Price { get; init; }

    /// <summary>In money; below zero for a rebate.</summary>
    public decimal Commission { get; init; }

    /// <summary>In money; below zero for what is given back.</summary>
    public decimal Tax { get; init; }

    /// <summary>What was taken as a fee of the shares themselves: less is received, or more given.</summary>
    public decimal FeeQuantity { get; init; }

    /// <summary>
    /// The money that a buyer paid or a seller was paid, fees and all, where it is stated: then it is what moves, and
    /// the price is for show.
    /// </summary>
    public decimal? Amount { get; init; }

    /// <summary>The terms that a fill was booked under.</summary>
    public static FillTerms Of(Fill fill)
    {
        var fee = fill.FeeQuantity ?? 0;
        var quantity = fill.Side == OrderSide.BUY ? fill.Quantity + fee : fill.Quantity - fee;
        var isStated = fill.StatedGross is { } gross
            && (fee == 0 || gross != quantity * fill.Price * (fill.Multiplier ?? 1));
        return new FillTerms
        {
            Quantity = quantity,
            Price = fill.Price,
            Commission = fill.Commission,
            Tax = fill.Tax,
            FeeQuantity = fee,
            Amount = !isStated ? null : fill.Side == OrderSide.BUY ? -fill.Value : fill.Value,
        };
    }

    /// <summary>The terms as a fill of one side bears them.</summary>
    public Fill ApplyTo(Fill fill)
    {
        var isBuy = fill.Side == OrderSide.BUY;
        return fill with
        {
            Quantity = isBuy ? Quantity - FeeQuantity : Quantity + FeeQuantity,
            Price = Price,
            Commission = Commission,
            Tax = Tax,
            FeeQuantity = FeeQuantity == 0 ? null : FeeQuantity,
            StatedGross = Amount is { } amount
                ? isBuy ? amount - Commission - Tax : amount + Commission + Tax
                : FeeQuantity == 0 ? null : Quantity * Price * (fill.Multiplier ?? 1),
        };
    }

    /// <summary>Why the terms cannot be booked; null where they can.</summary>
    public Rejection? Problem(Fill filled, Currency currency, Instrument instrument)
    {
        var multiplier = filled.Multiplier ?? 1;
        // A product of amounts that do not fit may be more than a decimal holds.
        if (!Money.Fits(Quantity) || !Money.Fits(Price)
            || Math.Abs(Quantity * Price) >= Money.Limit / multiplier)
            return new Rejection(RejectionCode.AmountTooLarge, Money.LimitTold);
        if (instrument.Misfit(Price, isFact: true) is { } misfit)
            return misfit;
        if (Amount is null && !IsExact(multiplier))
        {
            return new Rejection(
                RejectionCode.AmountTooPrecise,
                $"{Quantity} at {Price} comes to an amount of more than 28 digits: state the amount that moved.");
        }
        if (!Money.Fits(filled.Value))
            return new Rejection(RejectionCode.AmountTooLarge, Money.LimitTold);
        if (filled.Quantity <= 0)
        {
            return new Rejection(
                RejectionCode.FeeTakesAll, $"A fee of {FeeQuantity} leaves nothing of the {Quantity} shares bought.");
        }
        if (Amount is not { } amount)
            return null;
        if (amount != Money.ToCash(amount, currency))
        {
            return new Rejection(
                RejectionCode.AmountTooPrecise,
                $"{currency} is paid with {currency.MinorUnit} decimals; {amount} cannot be.");
        }
        var (told, gross) = (Quantity * Price * multiplier, filled.Gross);
        var allowed = Math.Max(Math.Abs(told) * Tolerance, Quantity * multiplier * HalfOfLastDecimal(Price));
        return Math.Abs(gross - told) <= allowed
            ? null
            : new Rejection(
                RejectionCode.AmountContradicts,
                $"The amount of {amount} is {gross} before fees, and {Quantity} at {Price} are "
                + $"{Money.Normalize(told)}: they may differ by one percent, or by what the last decimal of "
                + "the price may have been rounded by.");
    }

    private bool IsExact(decimal multiplier) => Money.IsExact(Quantity * Price, Quantity, Price)
        && (multiplier == 1 || Money.IsExact(Quantity * Price * multiplier, Quantity * Price, multiplier));

    private static decimal HalfOfLastDecimal(decimal price)
    {
        var half = 0.5m;
        for (var i = 0; i < Math.Max((int)Money.Normalize(price).Scale, 2); i++)
            half /= 10;
        return half;
    }
}
