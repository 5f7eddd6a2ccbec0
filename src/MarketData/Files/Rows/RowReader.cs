using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files.Columns;
using Bifrost.MarketData.Files.Source;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Files.Rows;

/// <summary>Reads the rows that are in memory into a batch.</summary>
internal sealed class RowReader(Records records, RowForm form, BarParser parser, RowLimits limits)
{
    private readonly FieldMap fields = new();

    /// <summary>Why no more rows can be read, to be followed by "after row N."; null at a proper end.</summary>
    public string? Failure => limits.Failure ?? records.Failure;

    /// <summary>True when the batch is full; false when more bytes are needed, or there are no more.</summary>
    public bool Drain(BatchBuilder batch)
    {
        parser.LookAtClock();
        while (!batch.IsFull)
        {
            if (limits.Failure is not null || !records.TryNext(out var record) || !limits.MayGoOn())
                return false;
            Read(record, batch);
        }
        return true;
    }

    private void Read(ReadOnlySpan<byte> record, BatchBuilder batch)
    {
        var refusal = Parse(record, out var bar);
        if (refusal is not null)
        {
            if (limits.KeepsBad(refusal.Reason))
                batch.Add(new QuarantinedRow(
                    records.Number, refusal.Reason, refusal.Detail, Printable.Text(record, QuarantinedRow.LongestRaw)));
            else
                batch.CountBad();
            return;
        }
        limits.CountGood();
        batch.Add(bar);
        if (parser.ExactVolume != bar.Volume)
            batch.Add(new BarFlag(
                bar.Symbol, bar.Time, FlagKind.VOLUME_ROUNDED,
                $"volume {parser.ExactVolume} was rounded to {bar.Volume}."));
    }

    private Refusal? Parse(ReadOnlySpan<byte> record, out Bar bar)
    {
        bar = default;
        if (records.IsTooLong)
            return Refusal.Unparsable($"The line is longer than {Records.Longest / 1024} KB.");
        var text = form.Locate(record, fields, out var refusal);
        return refusal ?? parser.Parse(text, fields, out bar);
    }
}
