using System.Threading.Channels;
using Bifrost.MarketData.Bars;

namespace Bifrost.MarketData.Ingestion;

/// <summary>How far an ingestion is.</summary>
/// <param name="BytesRead">Of the source, compressed where it is.</param>
public readonly record struct IngestProgress(IngestCounts Counts, long BytesRead);

/// <summary>Takes batches from a source to the tables: the next ones are read while one is stored.</summary>
/// <param name="committed">Called after each commit that changed bars; null where nobody waits for them.</param>
public sealed class BarIngestion(BarWriter writer, Action? committed = null)
{
    // One that is stored and one that is ready; more would only take memory.
    private const int BatchesAhead = 1;

    /// <summary>Stores all batches of a source. Those stored before a failure stay stored.</summary>
    /// <param name="progress">Told after each batch.</param>
    /// <returns>What became of the rows, over all batches.</returns>
    /// <exception cref="Files.UnreadableBarsException">The source cannot be read, or not to its end.</exception>
    public async Task<IngestCounts> Run(
        IAsyncEnumerable<BarBatch> source,
        BarInterval interval,
        BarOrigin origin,
        IProgress<IngestProgress>? progress = null,
        CancellationToken cancel = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var ahead = Channel.CreateBounded<BarBatch>(BatchesAhead);
        var reading = Task.Run(() => Read(source, ahead.Writer, stop.Token), CancellationToken.None);
        var counts = default(IngestCounts);
        try
        {
            await foreach (var batch in ahead.Reader.ReadAllAsync(cancel))
            {
                counts += await Write(batch, interval, origin, cancel);
                progress?.Report(new IngestProgress(counts, batch.BytesRead));
            }
        }
        finally
        {
            // The reader may be waiting for room that nobody will make.
            await stop.CancelAsync();
            await reading;
        }
        return counts;
    }

    /// <summary>Stores one batch.</summary>
    public async Task<IngestCounts> Write(
        BarBatch batch, BarInterval interval, BarOrigin origin, CancellationToken cancel = default)
    {
        var written = await writer.Write(batch, interval, origin, cancel);
        if (written.Written > 0)
            committed?.Invoke();
        return written;
    }

    // Never throws: what went wrong is told by the channel, to whoever reads what came before it.
    private static async Task Read(
        IAsyncEnumerable<BarBatch> source, ChannelWriter<BarBatch> ahead, CancellationToken cancel)
    {
        try
        {
            await foreach (var batch in source.WithCancellation(cancel))
                await ahead.WriteAsync(batch, cancel);
            ahead.Complete();
        }
        catch (Exception e)
        {
            ahead.Complete(e);
        }
    }
}
