using System.Globalization;

namespace Bifrost.Domain;

/// <summary>
/// The one place where amounts are rounded. Amounts are <see cref="decimal"/>, in units of the portfolio's currency.
/// </summary>
/// <remarks>
/// A decimal holds 28 significant digits. Quantities and prices have at most 8 decimals, so an exact notional has at
/// most 16; below <see cref="Limit"/> there are 12 digits before the point, and every sum and product of the ledger
/// stays exact. Above it, decimal arithmetic would drop digits silently, so such amounts are refused.
/// </remarks>
public static class Money
{
    /// <summary>Amounts and balances are smaller than this, in absolute value.</summary>
    public const decimal Limit = 1_000_000_000_000m;

    public static readonly string LimitTold =
        string.Create(CultureInfo.InvariantCulture, $"Amounts, balances, quantities and prices are below {Limit:N0}.");

    /// <summary>
    /// Decimals of a part of a lot's cost; the lot's last part takes what is left, so the sum is exact.
    /// </summary>
    public const int CostDecimals = 12;

    /// <summary>Decimals of quantities and prices.</summary>
    public const int QuantityDecimals = 8;

    public const decimal SmallestQuantity = 0.00000001m;

    public static bool Fits(decimal amount) => Math.Abs(amount) < Limit;

    /// <summary>What moves in cash for an exact amount: the currency's minor unit, half to even.</summary>
    public static decimal ToCash(decimal exact, Currency currency) =>
        Normalize(decimal.Round(exact, currency.MinorUnit, MidpointRounding.ToEven));

    /// <summary>What an exact number of shares is held as: eight decimals, half to even.</summary>
    public static decimal ToShares(decimal exact) =>
        Normalize(decimal.Round(exact, QuantityDecimals, MidpointRounding.ToEven));

    /// <summary>
    /// The share of <paramref name="amount"/> that <paramref name="part"/> of <paramref name="whole"/> bears.
    /// </summary>
    /// <remarks>All of the amount for all of the whole, so that parts taken one after another add up to it.</remarks>
    public static decimal Share(decimal amount, decimal part, decimal whole) =>
        part == whole
            ? amount
            : Normalize(decimal.Round(amount / whole * part, CostDecimals, MidpointRounding.ToEven));

    /// <summary>The same number without trailing zeros, so that equal amounts are stored and compared alike.</summary>
    public static decimal Normalize(decimal value) => value / 1.000000000000000000000000000000000m;
}
