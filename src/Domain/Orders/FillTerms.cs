using Bifrost.Domain.Holdings;
using Bifrost.Domain.Instruments;
using Bifrost.Domain.Portfolios;

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

    /// <summary>The code of what fees were paid in, where that is not what the fill is in.</summary>
    public string? FeeCurrency { get; init; }

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
            FeeCurrency = fill.FeeCurrency,
            FeeQuantity = fee,
            Amount = !isStated ? null : fill.Side == OrderSide.BUY ? -fill.Value : fill.Value,
        };
    }

    /// <summary>The same, of a fill in a currency: fees in it are in no other.</summary>
    public FillTerms In(Currency currency) => FeeCurrency == currency.Code ? this with { FeeCurrency = null } : this;

    /// <summary>The terms as a fill of one side bears them.</summary>
    public Fill ApplyTo(Fill fill)
    {
        var isBuy = fill.Side == OrderSide.BUY;
        var fees = FeeCurrency is null ? Commission + Tax : 0;
        return fill with
        {
            Quantity = isBuy ? Quantity - FeeQuantity : Quantity + FeeQuantity,
            Price = Price,
            Commission = Commission,
            Tax = Tax,
            FeeCurrency = FeeCurrency,
            FeeQuantity = FeeQuantity == 0 ? null : FeeQuantity,
            StatedGross = Amount is { } amount
                ? isBuy ? amount - fees : amount + fees
                : FeeQuantity == 0 ? null : Quantity * Price * (fill.Multiplier ?? 1),
        };
    }

    /// <summary>Why the terms cannot be booked; null where they can.</summary>
    public Rejection? Problem(Fill filled, Portfolio p, Instrument instrument)
    {
        var multiplier = filled.Multiplier ?? 1;
        if (Unkept(filled, p, instrument) is { } unkept)
            return unkept;
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
        if (!Money.Fits(Commission + Tax) || !Money.Fits(filled.Gross) || !Money.Fits(filled.Value))
            return new Rejection(RejectionCode.AmountTooLarge, Money.LimitTold);
        if (filled.Quantity <= 0)
        {
            return new Rejection(
                RejectionCode.FeeTakesAll, $"A fee of {FeeQuantity} leaves nothing of the {Quantity} shares bought.");
        }
        if (filled.FeeMove is { } fees && Money.TooPrecise(fees.Amount, Currency.Of(fees.Currency!)) is { } fine)
            return fine;
        if (Amount is not { } amount)
            return null;
        if (Money.TooPrecise(amount, p.CurrencyOf(filled.Currency)) is { } imprecise)
            return imprecise;
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

    // A position stays in the currency that it was opened in.
    private Rejection? Unkept(Fill filled, Portfolio p, Instrument instrument)
    {
        if (instrument.UnkeptCurrency is { } unkept)
            return unkept;
        if (FeeCurrency is { } paid && !Currency.TryParse(paid, out _))
            return new Rejection(RejectionCode.CurrencyNotKept, $"The ledger keeps no cash in {paid}.");
        return p.Holdings.TryGetValue(filled.Symbol, out var held) && held.Currency != filled.Currency
            ? new Rejection(
                RejectionCode.CurrencyDiffers,
                $"{filled.Symbol} is held in {p.CurrencyOf(held.Currency)}, and its instrument is in "
                + $"{p.CurrencyOf(filled.Currency)}: one in another currency is another instrument.")
            : null;
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
