using System.Buffers;
using System.Diagnostics;
using System.IO.Compression;

namespace Bifrost.MarketData.Files.Source;

/// <summary>The part of a source's text that is in memory: a pooled buffer that moves over it.</summary>
internal sealed class ByteWindow : IDisposable
{
    private const string Damaged = "The gzip data is damaged";

    // Enough rows to tell the order of a date's parts.
    private const int SampleBytes = 64 * 1024;

    // Several of the longest rows fit, so that one which is being read never fills it.
    private const int Capacity = 256 * 1024;

    // Up to here it does not matter how well a text is packed.
    private const int AnyExpansion = 1024 * 1024;

    private readonly CountedStream source;
    private readonly Stream text;
    private readonly int mostExpansion;
    private long unpacked;
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(Capacity);
    private int end;

    private ByteWindow(CountedStream source, Stream text, int mostExpansion)
    {
        (this.source, this.text, this.mostExpansion) = (source, text, mostExpansion);
    }

    /// <summary>Where the unread bytes begin. It may be set back to where it was after the last fill.</summary>
    public int Start { get; set; }

    public ReadOnlySpan<byte> Unread => buffer.AsSpan(Start, end - Start);

    /// <summary>All bytes that will come are here or were read.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>What is wrong with the gzip data where this ends; null where nothing is.</summary>
    public string? Damage { get; private set; }

    /// <summary>The text does not end where this ends: what stands there last was cut.</summary>
    public bool IsDamaged => Damage is not null;

    /// <summary>Bytes of the source, compressed where it is.</summary>
    public long BytesRead => source.Count;

    /// <param name="mostExpansion">How many times its size packed content may unpack to.</param>
    public static async ValueTask<ByteWindow> Open(Stream content, int mostExpansion, CancellationToken cancel)
    {
        var source = new CountedStream(content);
        var head = await source.Peek(2, cancel);
        if (head.Span is not [0x1F, 0x8B])
            return new ByteWindow(source, source, mostExpansion);
        source.Append(GzipEnd.Packed);
        return new ByteWindow(source, new GZipStream(source, CompressionMode.Decompress), mostExpansion);
    }

    /// <summary>
    /// What shows how the file is written: no more of it than that, or it would depend on how much a stream gives at
    /// once.
    /// </summary>
    public ReadOnlySpan<byte> Sample => Unread[..Math.Min(Unread.Length, SampleBytes)];

    /// <summary>Reads on until the sample is here, or all of a smaller source.</summary>
    public async ValueTask FillSample(CancellationToken cancel)
    {
        var more = true;
        while (more && Unread.Length < SampleBytes)
            more = await Fill(cancel);
    }

    /// <summary>Reads on; false at the end.</summary>
    public async ValueTask<bool> Fill(CancellationToken cancel)
    {
        if (AtEnd)
            return false;
        MakeRoom();
        // Reading nothing into a full buffer would pass for the end of the file.
        if (end == buffer.Length)
            throw new UnreachableException("The window is to be read before it is filled again.");
        var read = text is GZipStream ? await Unpack(cancel) : await text.ReadAsync(buffer.AsMemory(end), cancel);
        end += read;
        AtEnd = read == 0;
        return !AtEnd;
    }

    public void Take(int count) => Start += count;

    public void Dispose()
    {
        if (buffer.Length == 0)
            return;
        text.Dispose();
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }

    // Input is asked for only when all that came before has been unpacked, so that nothing of the text comes out
    // together with the end's mark or after it.
    private async ValueTask<int> Unpack(CancellationToken cancel)
    {
        try
        {
            var read = await text.ReadAsync(buffer.AsMemory(end), cancel);
            unpacked += read;
            if (unpacked > AnyExpansion && unpacked > source.Count * mostExpansion)
                Damage = $"The gzip data unpacks to more than {mostExpansion} times its size";
            else if (read > 0 && !source.IsInTail)
                return read;
            else if (!GzipEnd.Is(buffer.AsSpan(end, read)))
                Damage = Damaged;
        }
        catch (InvalidDataException)
        {
            Damage = Damaged;
        }
        return 0;
    }

    // Moving at each fill would copy a long row once for every few bytes that a slow stream gives.
    private void MakeRoom()
    {
        if (Start == 0 || buffer.Length - end >= Capacity / 4)
            return;
        Unread.CopyTo(buffer);
        end -= Start;
        Start = 0;
    }
}
