using Bifrost.Domain;

namespace Bifrost.MarketData.Prices;

/// <summary>The one place where a price of the market becomes a price of the ledger.</summary>
public static class Marks
{
    /// <summary>Half to even, like all rounding of the ledger.</summary>
    public static decimal Price(decimal market) => decimal.Round(market, Money.MostDecimals, MidpointRounding.ToEven);
}
