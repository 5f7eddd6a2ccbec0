namespace Bifrost.MarketData.Ingestion;

/// <summary>What became of the rows of a source. Every row read is written, unchanged or quarantined.</summary>
/// <param name="Written">Rows that changed a table: new bars, and corrections of known ones.</param>
/// <param name="Corrected">Those of the written rows that replaced another value.</param>
/// <param name="Unchanged">Rows that were stored already, just so.</param>
/// <param name="NotKept">Those of the quarantined rows that are only counted, because there are so many.</param>
public readonly record struct IngestCounts(
    long Read, long Written, long Corrected, long Unchanged, long Quarantined, long NotKept = 0)
{
    public static IngestCounts operator +(IngestCounts a, IngestCounts b) => new(
        a.Read + b.Read,
        a.Written + b.Written,
        a.Corrected + b.Corrected,
        a.Unchanged + b.Unchanged,
        a.Quarantined + b.Quarantined,
        a.NotKept + b.NotKept);
}
