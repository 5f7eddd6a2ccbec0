using System.Collections.Concurrent;

namespace Bifrost.MarketData.Prices;

/// <summary>Prices in the memory of this process: gone with it, and unknown to others.</summary>
public sealed class MemoryPrices : ILatestPrices
{
    private readonly ConcurrentDictionary<string, LastPrice> known = new();

    public ValueTask<IReadOnlyDictionary<string, LastPrice>> Get(
        IReadOnlyCollection<string> symbols, CancellationToken cancel = default)
    {
        var prices = new Dictionary<string, LastPrice>(symbols.Count);
        foreach (var symbol in symbols)
        {
            if (known.TryGetValue(symbol, out var price))
                prices[symbol] = price;
        }
        return ValueTask.FromResult<IReadOnlyDictionary<string, LastPrice>>(prices);
    }

    public Task<IReadOnlyList<LastPrice>> Put(
        IReadOnlyCollection<LastPrice> prices, CancellationToken cancel = default) =>
        Task.FromResult<IReadOnlyList<LastPrice>>([.. prices.Where(Replaces)]);

    private bool Replaces(LastPrice price)
    {
        while (true)
        {
            if (!known.TryGetValue(price.Symbol, out var other))
            {
                if (known.TryAdd(price.Symbol, price))
                    return true;
            }
            else if (!price.Supersedes(other))
            {
                return false;
            }
            else if (known.TryUpdate(price.Symbol, price, other))
            {
                return true;
            }
        }
    }
}
