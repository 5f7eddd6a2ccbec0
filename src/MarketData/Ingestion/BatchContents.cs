using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Prices;

namespace Bifrost.MarketData.Ingestion;

/// <summary>
/// The bars of a batch in the order of the tables' key, each time of a symbol once, and what they touch.
/// </summary>
internal sealed class BatchContents
{
    private readonly BarInterval interval;
    private readonly List<SymbolSpan> spans = [];

    /// <param name="given">In the order of the source: of two bars with one key the later one counts.</param>
    public BatchContents(IReadOnlyList<Bar> given, BarInterval interval)
    {
        this.interval = interval;
        Bars = new List<Bar>(given.Count);
        // Sources are mostly in the order of time, whatever the order of symbols: sorting each symbol's few bars by
        // themselves, where that is needed at all, is cheaper than sorting the batch.
        foreach (var (symbol, places) in BySymbol(given))
        {
            if (!IsAscending(given, places))
                places.Sort((a, b) => Compare(given, a, b));
            Add(symbol, given, places);
        }
    }

    /// <summary>By symbol and time, without repetitions: the order that the index takes rows in best.</summary>
    public List<Bar> Bars { get; }

    /// <summary>Bars that another one of the same key followed in the source, each with the one that counts.</summary>
    public List<(Bar Earlier, Bar Later)> Repeated { get; } = [];

    public IReadOnlyList<SymbolSpan> Spans => spans;

    public DateTime Earliest => spans.Min(span => span.First);

    public DateTime Latest => spans.Max(span => span.Last);

    /// <summary>The newest price of each symbol.</summary>
    public IEnumerable<LastPrice> Prices()
    {
        foreach (var span in spans)
        {
            var newest = Bars[span.End - 1];
            var price = Marks.Price(newest.Prices.Close);
            yield return new LastPrice(span.Symbol, price, newest.Volume, newest.Time, interval);
        }
    }

    /// <summary>The periods that have to be rolled up again: days, and of daily bars weeks.</summary>
    public IEnumerable<(string Symbol, DateOnly Period)> Periods()
    {
        foreach (var span in spans)
        {
            var last = default(DateOnly);
            for (var i = span.Begin; i < span.End; i++)
            {
                var period = BarPeriods.Of(interval, Bars[i].Time);
                if (period != last)
                    yield return (span.Symbol, last = period);
            }
        }
    }

    private static IEnumerable<KeyValuePair<string, List<int>>> BySymbol(IReadOnlyList<Bar> given)
    {
        var symbols = new Dictionary<string, List<int>>();
        for (var i = 0; i < given.Count; i++)
        {
            if (!symbols.TryGetValue(given[i].Symbol, out var places))
                symbols.Add(given[i].Symbol, places = []);
            places.Add(i);
        }
        return symbols.OrderBy(symbol => symbol.Key, StringComparer.Ordinal);
    }

    private static bool IsAscending(IReadOnlyList<Bar> given, List<int> places)
    {
        for (var i = 1; i < places.Count; i++)
        {
            if (given[places[i]].Time < given[places[i - 1]].Time)
                return false;
        }
        return true;
    }

    private static int Compare(IReadOnlyList<Bar> given, int a, int b)
    {
        var order = given[a].Time.CompareTo(given[b].Time);
        return order != 0 ? order : a.CompareTo(b);
    }

    private void Add(string symbol, IReadOnlyList<Bar> given, List<int> places)
    {
        var (begin, repeated) = (Bars.Count, Repeated.Count);
        foreach (var place in places)
        {
            var bar = given[place];
            if (Bars.Count > begin && Bars[^1].Time == bar.Time)
            {
                Repeated.Add((Bars[^1], bar));
                Bars[^1] = bar;
            }
            else
            {
                Bars.Add(bar);
            }
        }
        // Of three bars with one key the first two are repeated by the third.
        for (var i = Repeated.Count - 2; i >= repeated; i--)
        {
            if (Repeated[i].Later.Time == Repeated[i + 1].Earlier.Time)
                Repeated[i] = (Repeated[i].Earlier, Repeated[i + 1].Later);
        }
        spans.Add(new SymbolSpan(symbol, begin, Bars.Count, Bars[begin].Time, Bars[^1].Time));
    }
}

/// <summary>
/// The bars of one symbol within a batch: from <paramref name="Begin"/> to before <paramref name="End"/>.
/// </summary>
internal sealed record SymbolSpan(string Symbol, int Begin, int End, DateTime First, DateTime Last);
