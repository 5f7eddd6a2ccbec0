using Bifrost.Domain;

namespace Bifrost.Projections;

/// <summary>
/// Rounding of what is shown and never summed: averages, ratios, and amounts of columns that are narrower than the
/// ledger. Half to even, like cash.
/// </summary>
public static class Display
{
    private const decimal LargestRatio = 999_999.9999m;

    /// <summary>An amount with two decimals, or as many as its currency has where that is more.</summary>
    public static decimal Amount(decimal exact, Currency currency) =>
        decimal.Round(exact, DecimalsOf(currency), MidpointRounding.ToEven);

    /// <inheritdoc cref="Amount"/>
    public static int DecimalsOf(Currency currency) => Math.Max(currency.MinorUnit, 2);

    /// <summary>A price with eight decimals, or all of them; zero where there is nothing to divide by.</summary>
    /// <param name="isFine">Whether one of the prices that it is of had more than eight.</param>
    public static decimal Price(decimal amount, decimal quantity, bool isFine) => quantity == 0
        ? 0
        : decimal.Round(
            Money.Each(amount, quantity), isFine ? Money.MostDecimals : Money.UsualDecimals, MidpointRounding.ToEven);

    /// <summary>
    /// A ratio with four decimals. NUMERIC(10,4) ends below a million: beyond it the ratio stays at its end.
    /// </summary>
    public static decimal Ratio(decimal part, decimal whole)
    {
        if (whole == 0)
            return 0;
        // The bound is tested by multiplying, because the quotient itself may be too large for a decimal.
        if (Math.Abs(part) / LargestRatio >= Math.Abs(whole))
            return Math.Sign(part) * Math.Sign(whole) * LargestRatio;
        return decimal.Round(part / whole, 4, MidpointRounding.ToEven);
    }
}
