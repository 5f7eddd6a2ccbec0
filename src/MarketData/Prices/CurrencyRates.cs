using System.Collections.Concurrent;
using Bifrost.Domain;

namespace Bifrost.MarketData.Prices;

/// <summary>
/// The latest rates of currencies, from the latest prices of their pairs; to look one up costs nothing.
/// </summary>
public sealed class CurrencyRates
{
    private readonly ConcurrentDictionary<string, LastPrice> prices = new();

    /// <summary>Takes prices in, as they are told; those of pairs are among them.</summary>
    public void Hear(IReadOnlyList<LastPrice> told)
    {
        foreach (var price in told)
            prices.AddOrUpdate(price.Symbol, price, (_, known) => price.Supersedes(known) ? price : known);
    }

    /// <inheritdoc cref="RateOf"/>
    public Rate? Of(string from, string to) => CurrencyPairs.Choose(
        from,
        to,
        name => prices.TryGetValue(name, out var price)
            ? (price.Price, new DateTimeOffset(DateTime.SpecifyKind(price.Time, DateTimeKind.Utc)))
            : null);
}
