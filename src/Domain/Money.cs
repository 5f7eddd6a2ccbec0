using System.Globalization;

namespace Bifrost.Domain;

/// <summary>
/// The one place where amounts are rounded. Amounts are <see cref="decimal"/>, in units of the portfolio's currency.
/// </summary>
/// <remarks>
/// A decimal holds 28 significant digits, and drops the last ones of a result that needs more. What has lost digits so
/// has as many as it can hold: a result that <see cref="Fits"/> has lost none. Whatever the ledger keeps has to fit;
/// beyond that it is refused.
/// </remarks>
public static class Money
{
    /// <summary>Amounts and balances are smaller than this, in absolute value.</summary>
    public const decimal Limit = 1_000_000_000_000m;

    /// <summary>The most decimals that a quantity or a price may have.</summary>
    public const int MostDecimals = 18;

    public static readonly string LimitTold = string.Create(
        CultureInfo.InvariantCulture,
        $"Amounts, balances, quantities and prices are below {Limit:N0}, and have at most 27 digits in all.");

    /// <summary>Below the limit and with as many decimals as this, no sum loses a digit.</summary>
    public const int SafeDecimals = 15;

    // A result that was cut has at least a tenth of 2^96 units of its last decimal.
    private const decimal Cut = 7_922_816_251_426_433_759_354_395_033m;

    private const decimal LargestEach = 1e28m;

    private const decimal Little = 0.000000000000001m;

    private static readonly decimal[] LimitByScale =
        [.. Enumerable.Range(0, 29).Select(scale => Math.Min(Limit, Cut * Unit(scale)))];

    /// <summary>
    /// Decimals of a part of a lot's cost; the lot's last part takes what is left, so the sum is exact.
    /// </summary>
    public const int CostDecimals = 12;

    /// <summary>
    /// Decimals of what is rounded for show, and of shares that a split makes, where nothing is finer.
    /// </summary>
    public const int UsualDecimals = 8;

    /// <summary>Whether an amount is small enough to be kept, and is the exact result of one sum or product.</summary>
    public static bool Fits(decimal amount) =>
        amount.Scale <= SafeDecimals ? Math.Abs(amount) < Limit : Math.Abs(amount) < LimitByScale[amount.Scale];

    /// <summary>Whether a product has all of its digits.</summary>
    public static bool IsExact(decimal product, decimal one, decimal other) =>
        one.Scale + other.Scale == product.Scale || Normalize(one).Scale + Normalize(other).Scale <= product.Scale;

    /// <summary>What moves in cash for an exact amount: the currency's minor unit, half to even.</summary>
    public static decimal ToCash(decimal exact, Currency currency) =>
        Normalize(decimal.Round(exact, currency.MinorUnit, MidpointRounding.ToEven));

    /// <summary>Why an amount cannot be paid in a currency; null where it can.</summary>
    public static Rejection? TooPrecise(decimal amount, Currency currency) => amount == ToCash(amount, currency)
        ? null
        : new Rejection(
            RejectionCode.AmountTooPrecise,
            $"{currency} is paid with {currency.MinorUnit} decimals; {amount} cannot be.");

    /// <summary>
    /// What an exact amount was worth in another currency, half to even: for profits, and never for what moves.
    /// </summary>
    public static decimal At(decimal exact, Rate rate) =>
        Normalize(decimal.Round(exact * rate.Value, CostDecimals, MidpointRounding.ToEven));

    /// <summary>
    /// What an exact number of shares is held as, half to even: eight decimals, or all where those before had more.
    /// </summary>
    public static decimal ToShares(decimal exact, decimal before) =>
        Normalize(decimal.Round(exact, DecimalsOf(before), MidpointRounding.ToEven));

    /// <summary>
    /// Decimals of what is made of an amount: eight, or all that there may be where it has more itself.
    /// </summary>
    public static int DecimalsOf(decimal amount) => IsFine(amount) ? MostDecimals : UsualDecimals;

    /// <summary>Whether an amount has more decimals than is usual.</summary>
    public static bool IsFine(decimal amount) =>
        amount.Scale > UsualDecimals && Normalize(amount).Scale > UsualDecimals;

    /// <summary>One of the last of so many decimals.</summary>
    public static decimal Unit(int decimals) => new(1, 0, 0, false, (byte)decimals);

    /// <summary>
    /// What one of a quantity bears of an amount: to compare and to show. It ends where a decimal does.
    /// </summary>
    public static decimal Each(decimal amount, decimal quantity) =>
        Math.Abs(amount) / LargestEach >= Math.Abs(quantity)
            ? Math.Sign(amount) * Math.Sign(quantity) * LargestEach
            : amount / quantity;

    /// <summary>
    /// The share of <paramref name="amount"/> that <paramref name="part"/> of <paramref name="whole"/> bears.
    /// </summary>
    /// <remarks>All of the amount for all of the whole, so that parts taken one after another add up to it.</remarks>
    public static decimal Share(decimal amount, decimal part, decimal whole)
    {
        if (part == whole)
            return amount;
        // An amount by so little a whole may be more than a decimal holds.
        var share = Math.Abs(whole) < Little ? part / whole * amount : amount / whole * part;
        return Normalize(decimal.Round(share, CostDecimals, MidpointRounding.ToEven));
    }

    /// <summary>The same number without trailing zeros, so that equal amounts are stored and compared alike.</summary>
    public static decimal Normalize(decimal value) => value / 1.000000000000000000000000000000000m;
}
