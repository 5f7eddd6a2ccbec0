using System.Runtime.CompilerServices;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files.Rows;
using Bifrost.MarketData.Files.Source;

namespace Bifrost.MarketData.Files;

/// <summary>
/// Reads market bars from delimited text, from JSON objects on lines and from JSON arrays, packed with gzip or not:
/// what a file is shows in its content. Memory does not grow with the file.
/// </summary>
public static class BarFile
{
    /// <summary>
    /// Batches of <see cref="BarFileOptions.BatchRows"/> rows and a last one of what is left, in the file's order; none
    /// where there are no rows. A row that cannot be a bar is quarantined and the file goes on. The stream stays open.
    /// </summary>
    /// <exception cref="UnreadableBarsException">
    /// While enumerating: the file holds no bars that could be read, the options do not fit it, it breaks off or is
    /// beyond the limits; in these cases the rows before were yielded.
    /// </exception>
    public static IAsyncEnumerable<BarBatch> Read(Stream content, BarFileOptions options, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchRows, nameof(options));
        if (options.BarLength is { } length)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(length, TimeSpan.Zero, nameof(options));
        return Batches(content, options, cancel);
    }

    private static async IAsyncEnumerable<BarBatch> Batches(
        Stream content, BarFileOptions options, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var window = await ByteWindow.Open(content, options.Limits.Expansion, cancel);
        var reader = await Opening.Rows(window, options, cancel);
        var batch = new BatchBuilder(options.BatchRows);
        var (rows, isAtEnd) = (0L, false);
        while (true)
        {
            while (reader.Drain(batch))
            {
                rows += batch.Rows;
                yield return batch.Take(window.BytesRead);
            }
            if (isAtEnd)
                break;
            // After the end a last line without an end of its own is left to be drained.
            isAtEnd = reader.Failure is not null || !await window.Fill(cancel);
        }
        rows += batch.Rows;
        if (batch.Rows > 0)
            yield return batch.Take(window.BytesRead);
        if (reader.Failure is { } failure)
            throw new UnreadableBarsException($"{failure} after row {rows}.");
    }
}
