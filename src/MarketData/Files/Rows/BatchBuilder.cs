using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Files.Rows;

/// <summary>Collects rows until there are enough of them.</summary>
internal sealed class BatchBuilder(int most)
{
    // Quarantined rows carry their text: of a file of nothing else fewer rows are a batch. In characters.
    private const int MostText = 16 * 1024 * 1024;

    private List<Bar> bars = [];
    private List<QuarantinedRow> quarantined = [];
    private List<BarFlag> flags = [];
    private int quarantinedText;
    private int notKept;

    public int Rows => bars.Count + quarantined.Count + notKept;

    public bool IsFull => Rows >= most || quarantinedText >= MostText;

    public void Add(in Bar bar) => bars.Add(bar);

    public void Add(QuarantinedRow row)
    {
        quarantined.Add(row);
        quarantinedText += row.Raw.Length + row.Detail.Length;
    }

    /// <summary>A bad row of which nothing is kept.</summary>
    public void CountBad() => notKept++;

    public void Add(BarFlag flag) => flags.Add(flag);

    /// <summary>What was collected, after which this is empty.</summary>
    public BarBatch Take(long bytesRead)
    {
        var batch = new BarBatch(bars, quarantined, flags, bytesRead) { NotKept = notKept };
        // The next batch is as large as this one, but for the last: growing would copy each bar twice.
        bars = new List<Bar>(bars.Count);
        (quarantined, flags, quarantinedText, notKept) = ([], [], 0, 0);
        return batch;
    }
}
