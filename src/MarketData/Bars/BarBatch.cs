using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Bars;

/// <summary>A part of a source, small enough to be held in memory: what is stored in one transaction.</summary>
/// <param name="Bars">In the order of the source; a bar may occur twice.</param>
/// <param name="Quarantined">Rows that are no bars.</param>
/// <param name="Flags">What reading found suspicious of the bars: volumes that were rounded.</param>
/// <param name="BytesRead">Bytes of the source (compressed, where it is) consumed so far, over all batches.</param>
public sealed record BarBatch(
    IReadOnlyList<Bar> Bars,
    IReadOnlyList<QuarantinedRow> Quarantined,
    IReadOnlyList<BarFlag> Flags,
    long BytesRead)
{
    /// <summary>Rows that are no bars either, of which nothing is kept because there are so many.</summary>
    public int NotKept { get; init; }

    public int Rows => Bars.Count + Quarantined.Count + NotKept;
}
