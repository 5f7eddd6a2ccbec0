using Bifrost.MarketData.Bars;

namespace Bifrost.MarketData.Ingestion;

/// <summary>Where bars come from.</summary>
/// <param name="Source">A file's name, a provider's, or what a sender calls itself.</param>
/// <param name="OnPurpose">
/// Somebody asked for just these bars, so old ones among them are to be kept; a feed's are not.
/// </param>
/// <param name="Market">What market_symbol says of symbols that are seen for the first time.</param>
public sealed record BarOrigin(string Source, bool OnPurpose, string Market = "UNKNOWN");

/// <summary>A batch on its way into the tables.</summary>
internal sealed record Batch(BarBatch Given, BatchContents Contents, BarInterval Interval, BarOrigin Origin);

/// <summary>Which bars of a batch are new or replaced others.</summary>
internal sealed record BarChanges
{
    public static readonly BarChanges None = new() { Keys = [], Periods = [] };

    public int Count { get; private init; }

    public int Corrected { get; private init; }

    /// <summary>What has to be rolled up again.</summary>
    public required IReadOnlyCollection<(string Symbol, DateOnly Period)> Periods { get; init; }

    // Null where all of them are new.
    private HashSet<(string Symbol, DateTime Time)>? Keys { get; init; }

    public static BarChanges AllNew(BatchContents contents) =>
        new() { Count = contents.Bars.Count, Periods = [.. contents.Periods()] };

    public static BarChanges Some(HashSet<(string Symbol, DateTime Time)> keys, int corrected, BarInterval interval) =>
        new()
        {
            Count = keys.Count,
            Corrected = corrected,
            Keys = keys,
            Periods = keys.Select(key => (key.Symbol, BarPeriods.Of(interval, key.Time))).ToHashSet(),
        };

    public bool Has(in Bar bar) => Keys is null || Keys.Contains((bar.Symbol, bar.Time));
}
