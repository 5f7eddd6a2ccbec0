using System.Buffers.Binary;
using System.Text;
using Npgsql;

namespace Bifrost.EventStore;

/// <summary>
/// Rows to PostgreSQL by binary COPY, written into one buffer: for millions of values, where looking up how each is
/// sent takes longer than sending it.
/// </summary>
/// <remarks>
/// The format is a header, then for each row the number of its fields and each field as its length and bytes; see
/// "Binary Format" in PostgreSQL's documentation of COPY, and numeric_send in its sources.
/// </remarks>
public sealed class CopyRows : IAsyncDisposable
{
    private const int Full = 128 * 1024;

    private const ushort Negative = 0x4000;

    private static readonly byte[] Signature = [.. "PGCOPY\n"u8, 0xff, .. "\r\n\0"u8];

    // PostgreSQL's times begin here.
    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly uint[] PowersOfTen = [1, 10, 100, 1000];

    private readonly NpgsqlRawCopyStream stream;
    private readonly short fields;
    private byte[] buffer = new byte[Full + 4096];
    private int length;
    private bool isComplete;

    private CopyRows(NpgsqlRawCopyStream stream, int fields)
    {
        (this.stream, this.fields) = (stream, checked((short)fields));
        Signature.CopyTo(buffer);
        // No flags, and no extension of the header.
        length = Signature.Length + 8;
    }

    /// <param name="into">A table and, in parentheses, its columns.</param>
    /// <param name="fields">How many columns.</param>
    public static async Task<CopyRows> Begin(
        NpgsqlConnection connection, string into, int fields, CancellationToken cancel) =>
        new(await connection.BeginRawBinaryCopyAsync($"COPY {into} FROM STDIN (FORMAT binary)", cancel), fields);

    /// <summary>Begins a row; its fields have to follow, all of them and in order.</summary>
    public void Row() => BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), fields);

    public void Null() => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), -1);

    public void Write(int value) => BinaryPrimitives.WriteInt32BigEndian(Field(sizeof(int)), value);

    public void Write(long value) => BinaryPrimitives.WriteInt64BigEndian(Field(sizeof(long)), value);

    public void Write(bool value) => Field(1)[0] = value ? (byte)1 : (byte)0;

    public void Write(DateTime value) =>
        BinaryPrimitives.WriteInt64BigEndian(
            Field(sizeof(long)), (value - Epoch).Ticks / TimeSpan.TicksPerMicrosecond);

    public void Write(string value) => Encoding.UTF8.GetBytes(value, Field(Encoding.UTF8.GetByteCount(value)));

    /// <summary>A numeric, as digits to the base of ten thousand.</summary>
    public void Write(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var digits = unchecked(new UInt128((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]));
        // The point has to stand between two digits.
        var padding = (4 - value.Scale % 4) % 4;
        digits *= PowersOfTen[padding];
        var fraction = (value.Scale + padding) / 4;
        Span<ushort> groups = stackalloc ushort[12];
        var count = 0;
        for (; digits != 0; count++)
            (digits, groups[count]) = Divide(digits);
        var zeros = 0;
        while (zeros < count && groups[zeros] == 0)
            zeros++;
        var field = Field(8 + 2 * (count - zeros));
        BinaryPrimitives.WriteInt16BigEndian(field, (short)(count - zeros));
        BinaryPrimitives.WriteInt16BigEndian(field[2..], (short)(count - 1 - fraction));
        BinaryPrimitives.WriteUInt16BigEndian(field[4..], value < 0 ? Negative : (ushort)0);
        BinaryPrimitives.WriteInt16BigEndian(field[6..], value.Scale);
        for (var (i, at) = (count - 1, 8); i >= zeros; i--, at += 2)
            BinaryPrimitives.WriteUInt16BigEndian(field[at..], groups[i]);
    }

    /// <summary>Sends what has gathered where that is much.</summary>
    public ValueTask Send(CancellationToken cancel) => length < Full ? ValueTask.CompletedTask : SendAll(cancel);

    /// <summary>Ends the COPY; without it nothing is written.</summary>
    public async Task Complete(CancellationToken cancel)
    {
        BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), -1);
        await SendAll(cancel);
        await stream.DisposeAsync();
        isComplete = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (isComplete)
            return;
        await stream.CancelAsync();
        await stream.DisposeAsync();
    }

    // Most amounts have fewer than 64 bits, which divide in a tenth of the time.
    private static (UInt128 Left, ushort Digit) Divide(UInt128 digits)
    {
        if (digits > ulong.MaxValue)
            return (digits / 10_000, (ushort)(digits % 10_000));
        var (left, digit) = Math.DivRem((ulong)digits, 10_000);
        return (left, (ushort)digit);
    }

    private async ValueTask SendAll(CancellationToken cancel)
    {
        await stream.WriteAsync(buffer.AsMemory(0, length), cancel);
        length = 0;
    }

    private Span<byte> Field(int size)
    {
        BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), size);
        return Take(size);
    }

    private Span<byte> Take(int size)
    {
        if (buffer.Length - length < size)
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + size));
        var taken = buffer.AsSpan(length, size);
        length += size;
        return taken;
    }
}
