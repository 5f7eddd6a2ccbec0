using System.Globalization;

namespace Bifrost.Domain.Portfolios;

/// <summary>
/// What can be spent: free cash of all currencies, in the portfolio's own at the rates of now. Of cash in others a part
/// is left out, because rates move, and of a debt in others as much more is counted; see
/// <see cref="Portfolio.CurrencyHaircut"/>. Cash whose rate is not known counts for nothing.
/// </summary>
public static class BuyingPower
{
    /// <summary>In the portfolio's own currency; null where something is owed whose rate is not known.</summary>
    public static decimal? Of(Portfolio p, RateOf? rates) => With(p, null, 0, rates).Power;

    /// <summary>
    /// Why no more can be spent in a currency; null where it can be. Where there is one currency, it is what is free.
    /// </summary>
    public static string? LackFor(Portfolio p, string? currency, decimal amount, Surroundings around)
    {
        if (currency is null && p.OtherCash.IsEmpty)
        {
            return amount <= p.BuyingPower ? null
                : $"{p.BuyingPower} {p.Currency} can be: {p.Cash} in cash less {p.ReservedCash} reserved by open "
                    + "orders.";
        }
        var (power, unknown) = With(p, currency, amount, around.Rates);
        if (power >= 0)
            return null;
        var free = string.Join(", ", p.OtherCash.Keys.Order(StringComparer.Ordinal).Prepend(null).Select(
            code => string.Create(CultureInfo.InvariantCulture, $"{p.FreeIn(code)} {p.CurrencyOf(code)}")));
        return unknown is not null
            ? $"{free} are free, and no rate of {unknown} to {p.Currency} is known: load bars of {unknown}{p.Currency}."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{free} are free, which leaves {power:0.##} {p.Currency} at the rates of now"
                + $"{(p.CurrencyHaircut == 0 ? "" : $" less {p.CurrencyHaircut * 100:0.##} percent")}.");
    }

    private static (decimal? Power, string? Unknown) With(
        Portfolio p, string? currency, decimal amount, RateOf? rates)
    {
        var power = p.BuyingPower - (currency is null ? amount : 0);
        foreach (var code in p.OtherCash.Keys.Union(currency is null ? [] : [currency]))
        {
            var free = p.FreeIn(code) - (code == currency ? amount : 0);
            if (free == 0)
                continue;
            if (rates?.Invoke(code, p.Currency.Code) is not { } rate)
            {
                if (free < 0)
                    return (null, code);
                continue;
            }
            power += Money.At(free * (free > 0 ? 1 - p.CurrencyHaircut : 1 + p.CurrencyHaircut), rate);
        }
        return (power, null);
    }
}
