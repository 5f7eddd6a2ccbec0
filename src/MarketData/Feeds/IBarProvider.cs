using Bifrost.MarketData.Bars;

namespace Bifrost.MarketData.Feeds;

/// <summary>Somebody who has bars to be asked for.</summary>
public interface IBarProvider
{
    /// <summary>What its bars name as their origin.</summary>
    string Source { get; }

    /// <summary>The market of its symbols, where nobody has said more of them; UNKNOWN where it cannot tell.</summary>
    string Market { get; }

    BarInterval Interval { get; }

    /// <summary>The symbols that it has bars of.</summary>
    IReadOnlyList<string> Symbols { get; }

    /// <summary>The bars that it has from a time on.</summary>
    /// <param name="newest">
    /// The time from which bars are missing: the oldest of the latest stored times of its symbols; null where one of
    /// them has no bars yet. Bars that are stored already do no harm.
    /// </param>
    /// <exception cref="HttpRequestException">It cannot be reached, or refuses.</exception>
    /// <exception cref="Files.UnreadableBarsException">What it answers are no bars.</exception>
    IAsyncEnumerable<BarBatch> Fetch(DateTime? newest, CancellationToken cancel);
}
