using System.Collections.Concurrent;
using Bifrost.Domain;

namespace Bifrost.MarketData.Prices;

/// <summary>
/// The latest rates of currencies, from the latest prices of their pairs; to look one up costs nothing.
/// </summary>
public sealed class CurrencyRates
{
    // What may be a pair: two codes, and what sources put around and between them.
    private const int ShortestPair = 6;

    private readonly ConcurrentDictionary<string, LastPrice> prices = new();

    /// <summary>Takes prices in, as they are told.</summary>
    public void Hear(IReadOnlyList<LastPrice> told)
    {
        foreach (var price in told)
        {
            if (price.Symbol.Length >= ShortestPair && IsPair(price.Symbol))
                prices.AddOrUpdate(price.Symbol, price, (_, known) => price.Supersedes(known) ? price : known);
        }
    }

    /// <inheritdoc cref="RateOf"/>
    public Rate? Of(string from, string to) => CurrencyPairs.Choose(
        from,
        to,
        name => prices.TryGetValue(name, out var price)
            ? (price.Price, new DateTimeOffset(DateTime.SpecifyKind(price.Time, DateTimeKind.Utc)))
            : null);

    private static bool IsPair(string symbol)
    {
        for (var at = 3; at <= symbol.Length - 3; at++)
        {
            var one = symbol[..at];
            one = one.StartsWith("X:", StringComparison.Ordinal) || one.StartsWith("C:", StringComparison.Ordinal)
                ? one[2..]
                : one;
            var quoted = symbol[at..].TrimStart('/', '-', '.');
            quoted = quoted.EndsWith("=X", StringComparison.Ordinal) ? quoted[..^2] : quoted;
            if (Currency.TryParse(one, out _) && Currency.TryParse(quoted, out _))
                return true;
        }
        return false;
    }
}
