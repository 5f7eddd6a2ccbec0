namespace Bifrost.Api.Events;

/// <summary>
/// The newest events of the log, for all streams. Each stream keeps its own place and takes what comes after it; there
/// is nothing to fill up when one does not. Whoever has fallen out of the window reads the log until it is back in it.
/// </summary>
/// <remarks>
/// One window instead of a queue for each stream: memory is that of the window however many streams there are, and a
/// stream cannot miss or repeat anything on its way from the log to the window, as both are read by sequence.
/// </remarks>
internal sealed class EventWindow(long start)
{
    private const int MostBytes = 16 * 1024 * 1024;
    private const int MostPages = 4096;

    private readonly Lock gate = new();
    private readonly List<EventFrames> pages = [];
    private int oldest;
    private long size;
    private long from = start;
    private long to = start;

    /// <summary>The sequence that the window's events come after.</summary>
    public long From => Volatile.Read(ref from);

    /// <summary>The last sequence that is in it.</summary>
    public long To => Volatile.Read(ref to);

    /// <param name="page">The events after <see cref="To"/>; at least one.</param>
    public void Add(EventFrames page)
    {
        lock (gate)
        {
            pages.Add(page);
            size += page.Size;
            Volatile.Write(ref to, page.Last.Sequence);
            while (size > MostBytes || pages.Count - oldest > MostPages)
                DropOldest();
        }
    }

    /// <param name="page">The next events; null where there are none yet.</param>
    /// <returns>False where events after the sequence may have left the window already.</returns>
    public bool TryNext(long after, out EventFrames? page)
    {
        lock (gate)
        {
            page = after >= from && after < to ? pages[FirstAfter(after)] : null;
            return after >= from;
        }
    }

    private int FirstAfter(long sequence)
    {
        var (low, high) = (oldest, pages.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = pages[middle].Last.Sequence > sequence ? (low, middle) : (middle + 1, high);
        }
        return low;
    }

    private void DropOldest()
    {
        size -= pages[oldest].Size;
        Volatile.Write(ref from, pages[oldest].Last.Sequence);
        pages[oldest++] = null!;
        // Once for many pages, because what is left has to be moved.
        if (oldest == MostPages)
        {
            pages.RemoveRange(0, oldest);
            oldest = 0;
        }
    }
}
