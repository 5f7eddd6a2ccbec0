namespace Bifrost.MarketData.Files.Source;

/// <summary>
/// The source as it came: its first bytes can be looked at and are read again, what was read of it is counted, and
/// bytes may follow it. It belongs to the caller, so that disposing this leaves it open.
/// </summary>
internal sealed class CountedStream(Stream source) : Stream
{
    private ReadOnlyMemory<byte> head;
    private ReadOnlyMemory<byte> tail;

    /// <summary>Bytes taken from the source.</summary>
    public long Count { get; private set; }

    /// <summary>The source has ended and what follows it was read.</summary>
    public bool IsInTail { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The first bytes, fewer where the source has fewer.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> Peek(int count, CancellationToken cancel)
    {
        var first = new byte[count];
        var read = await source.ReadAtLeastAsync(first, count, throwOnEndOfStream: false, cancel);
        head = first.AsMemory(0, read);
        Count += read;
        return head;
    }

    /// <summary>What is read when the source has ended.</summary>
    public void Append(ReadOnlyMemory<byte> bytes) => tail = bytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!head.IsEmpty)
            return Give(ref head, buffer.Span);
        var read = await source.ReadAsync(buffer, cancellationToken);
        Count += read;
        if (read > 0 || tail.IsEmpty)
            return read;
        IsInTail = true;
        return Give(ref tail, buffer.Span);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static int Give(ref ReadOnlyMemory<byte> bytes, Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, bytes.Length);
        bytes.Span[..count].CopyTo(buffer);
        bytes = bytes[count..];
        return count;
    }
}
