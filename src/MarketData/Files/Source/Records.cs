namespace Bifrost.MarketData.Files.Source;

internal delegate void RecordVisitor(ReadOnlySpan<byte> record);

/// <summary>Cuts a source's text into the records that may be bars: lines, or the elements of a JSON array.</summary>
internal abstract class Records(ByteWindow window)
{
    /// <summary>Bytes of a record; what is longer is no bar.</summary>
    public const int Longest = 64 * 1024;

    private protected Place At;

    /// <summary>The line of the record read last, or which element of the array it was, from 1.</summary>
    public long Number => At.Number;

    /// <summary>The record read last was too long, and is given in part.</summary>
    public bool IsTooLong => At.IsTooLong;

    /// <summary>Why no more can be read, to be followed by "after row N."; null at a proper end.</summary>
    public string? Failure => At.Failure ?? window.Damage;

    private protected ByteWindow Window => window;

    /// <summary>The next record, valid until the window is filled; false where that is needed, or at the end.</summary>
    public abstract bool TryNext(out ReadOnlySpan<byte> record);

    /// <summary>Shows the records of the window's sample and leaves them to be read.</summary>
    public void Sample(RecordVisitor visit)
    {
        var mark = Mark();
        var end = window.Start + window.Sample.Length;
        while (TryNext(out var record) && window.Start <= end)
            visit(record);
        Return(mark);
    }

    /// <summary>The place to return to, as long as the window is not filled.</summary>
    public RecordMark Mark() => new(At, window.Start);

    public void Return(RecordMark mark) => (At, window.Start) = (mark.At, mark.Start);

    internal struct Place
    {
        public long Number;
        public bool IsTooLong;
        public string? Failure;

        /// <summary>Unread bytes that are known to have no end of a record.</summary>
        public int Scanned;

        /// <summary>The rest of a record that is too long goes unread.</summary>
        public bool IsSkipping;

        /// <summary>No records follow.</summary>
        public bool IsDone;
    }
}

internal readonly record struct RecordMark(Records.Place At, int Start);
