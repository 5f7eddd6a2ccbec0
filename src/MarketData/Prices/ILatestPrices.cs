using System.Diagnostics.CodeAnalysis;

namespace Bifrost.MarketData.Prices;

/// <summary>The latest known price of each symbol. A price only gives way to one that supersedes it.</summary>
public interface ILatestPrices
{
    /// <summary>The prices that are known; a symbol without one is left out.</summary>
    /// <param name="symbols">In their canonical form.</param>
    [SuppressMessage("Naming", "CA1716", Justification = "Get is a keyword of Visual Basic only.")]
    ValueTask<IReadOnlyDictionary<string, LastPrice>> Get(
        IReadOnlyCollection<string> symbols, CancellationToken cancel = default);

    /// <summary>Keeps the prices that supersede what is known, each symbol's by itself and at once.</summary>
    /// <returns>
    /// Those that were kept, which is what there is to announce: the others were older than what is known.
    /// </returns>
    Task<IReadOnlyList<LastPrice>> Put(IReadOnlyCollection<LastPrice> prices, CancellationToken cancel = default);
}
