using Bifrost.Instruments;
using Bifrost.MarketData.Bars;
using Npgsql;

namespace Bifrost.MarketData.Ingestion;

/// <summary>
/// Bars under the primary names of what they are of, where their source calls it by another. It is asked once a batch,
/// for the names in it.
/// </summary>
internal static class PrimaryNames
{
    /// <summary>The batch with each bar under the name that its own had when the bar began.</summary>
    public static async Task<BarBatch> Of(
        NpgsqlConnection connection, BarBatch batch, string source, CancellationToken cancel)
    {
        var names = NamesIn(batch.Bars);
        if (names.Length == 0)
            return batch;
        var aliases = await StoredInstruments.ReadAliases(connection, names, source, cancel);
        if (aliases.Count == 0)
            return batch;
        string Primary(string name, DateTime time)
        {
            foreach (var (alias, symbol) in aliases[name])
            {
                if (alias.Holds(source.ToLowerInvariant(), time))
                    return symbol;
            }
            return name;
        }
        return batch with
        {
            Bars = [.. batch.Bars.Select(bar => bar with { Symbol = Primary(bar.Symbol, bar.Time) })],
            Flags = [.. batch.Flags.Select(flag => flag with { Symbol = Primary(flag.Symbol, flag.Time) })],
        };
    }

    // Readers give all rows of a name the same text, and many rows in turn are of one.
    private static string[] NamesIn(IReadOnlyList<Bar> bars)
    {
        var names = new HashSet<string>();
        var last = "";
        for (var i = 0; i < bars.Count; i++)
        {
            if (ReferenceEquals(bars[i].Symbol, last))
                continue;
            last = bars[i].Symbol;
            names.Add(last);
        }
        return [.. names];
    }
}
