using Bifrost.MarketData.Bars;

namespace Bifrost.MarketData.Prices;

/// <summary>
/// The latest known price of a symbol: the close of the bar that began last, and of bars that began together, of the
/// finest. The bar's time goes with it, so that an old price cannot pass for a fresh one.
/// </summary>
/// <param name="Price">With at most eighteen decimals, as the ledger keeps prices.</param>
/// <param name="Time">When the bar began, in UTC.</param>
public sealed record LastPrice(string Symbol, decimal Price, long Volume, DateTime Time, BarInterval Interval)
{
    /// <summary>Whether this price takes the other's place: it is as new, or newer.</summary>
    public bool Supersedes(LastPrice other) => Time != other.Time ? Time > other.Time : Interval <= other.Interval;
}
