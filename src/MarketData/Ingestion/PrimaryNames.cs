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
    /// <summary>The batch with each bar under the name that its own led to when the bar began.</summary>
    /// <param name="names">The symbols in it.</param>
    /// <returns>The batch itself where none of them is an alias.</returns>
    public static async Task<BarBatch> Of(
        NpgsqlConnection connection, BarBatch batch, string[] names, string source, CancellationToken cancel)
    {
        if (names.Length == 0)
            return batch;
        var aliases = await StoredInstruments.ReadAliases(connection, names, source, cancel);
        if (aliases.Count == 0)
            return batch;
        var caller = source.ToLowerInvariant();
        string Primary(string name, DateTime time)
        {
            foreach (var (alias, symbol) in aliases[name])
            {
                if (alias.Holds(caller, time))
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
}
