using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Prices;

namespace Bifrost.MarketData.Tests.Prices;

/// <summary>Prices, as short as a test wants them.</summary>
internal static class Quotes
{
    public static readonly DateTime Noon = new(2026, 3, 2, 12, 0, 0, DateTimeKind.Utc);

    public static LastPrice Price(
        decimal price, int minutes = 0, BarInterval interval = BarInterval.Min, string symbol = "ORCL") =>
        new(symbol, price, Volume: 100, Noon.AddMinutes(minutes), interval);

    /// <summary>What is known of ORCL.</summary>
    public static async Task<LastPrice?> Known(this ILatestPrices prices) =>
        (await prices.Get(["ORCL"])).GetValueOrDefault("ORCL");
}
