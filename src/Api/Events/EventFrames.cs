using System.Buffers;

namespace Bifrost.Api.Events;

/// <summary>Events that follow each other in the log, as the bytes that go to clients.</summary>
/// <param name="bytes">One frame after the other.</param>
/// <param name="isFull">The log may have more where these end.</param>
internal sealed class EventFrames(byte[] bytes, IReadOnlyList<EventFrames.Frame> frames, bool isFull)
{
    /// <param name="PortfolioVersion">
    /// Its place among the events of its portfolio; zero where the page is of all portfolios.
    /// </param>
    /// <param name="UserId">Whose portfolio it is; zero where the page was read for that portfolio.</param>
    /// <param name="End">Where it ends in the bytes.</param>
    public readonly record struct Frame(long Sequence, int PortfolioId, long PortfolioVersion, int UserId, int End);

    public bool IsEmpty => frames.Count == 0;

    public bool IsFull => isFull;

    public int Size => bytes.Length;

    public Frame Last => frames[^1];

    public Frame this[int index] => frames[index];

    public int Count => frames.Count;

    /// <summary>Writes what comes after a sequence and is for the audience.</summary>
    /// <returns>How many bytes that were.</returns>
    public int Write(IBufferWriter<byte> body, long after, Audience audience)
    {
        var first = FirstAfter(after);
        if (audience.HearsAll)
            return Copy(body, first, frames.Count);
        var written = 0;
        for (var i = first; i < frames.Count; i++)
            written += audience.Hears(frames[i]) ? Copy(body, i, i + 1) : 0;
        return written;
    }

    private int Copy(IBufferWriter<byte> body, int first, int end)
    {
        var (from, to) = (EndOf(first - 1), EndOf(end - 1));
        body.Write(bytes.AsSpan(from, to - from));
        return to - from;
    }

    private int EndOf(int frame) => frame < 0 ? 0 : frames[frame].End;

    private int FirstAfter(long sequence)
    {
        var (low, high) = (0, frames.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = frames[middle].Sequence > sequence ? (low, middle) : (middle + 1, high);
        }
        return low;
    }
}
