using System.Buffers.Binary;
using Npgsql;

namespace Bifrost.EventStore;

/// <summary>
/// Rows that PostgreSQL sends by binary COPY, looked at in the buffer that they came in: no object is made of a row or
/// of a value.
/// </summary>
/// <remarks>
/// The format is a header, then for each row the number of its fields and each field as its length and bytes; see
/// "Binary Format" in PostgreSQL's documentation of COPY.
/// </remarks>
internal sealed class CopiedRows : IAsyncDisposable
{
    // The signature, flags and the length of an extension that no version of PostgreSQL has.
    private const int HeaderBytes = 11 + 4 + 4;

    // PostgreSQL's times begin here.
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly NpgsqlRawCopyStream stream;
    private readonly (int Begin, int Length)[] fields;
    private byte[] buffer = new byte[256 * 1024];
    private int begin;
    private int end;
    private bool hasHeader;

    private CopiedRows(NpgsqlRawCopyStream stream, int fields) =>
        (this.stream, this.fields) = (stream, new (int, int)[fields]);

    /// <param name="select">A query with as many columns as <paramref name="fields"/>.</param>
    public static async Task<CopiedRows> Begin(
        NpgsqlConnection connection, string select, int fields, CancellationToken cancel) =>
        new(await connection.BeginRawBinaryCopyAsync($"COPY ({select}) TO STDOUT (FORMAT binary)", cancel), fields);

    /// <summary>Goes to the next row where it has come already.</summary>
    public bool TryNext()
    {
        var at = begin;
        if (!hasHeader)
        {
            if (end - at < HeaderBytes)
                return false;
            at += HeaderBytes;
        }
        if (end - at < sizeof(short) || BinaryPrimitives.ReadInt16BigEndian(buffer.AsSpan(at)) < 0)
            return false;
        at += sizeof(short);
        for (var i = 0; i < fields.Length; i++)
        {
            if (end - at < sizeof(int))
                return false;
            var length = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(at));
            at += sizeof(int);
            if (end - at < length)
                return false;
            fields[i] = (at, length);
            at += Math.Max(length, 0);
        }
        (begin, hasHeader) = (at, true);
        return true;
    }

    /// <summary>Waits for more rows; false where there are none.</summary>
    public async ValueTask<bool> Receive(CancellationToken cancel)
    {
        buffer.AsSpan(begin, end - begin).CopyTo(buffer);
        (begin, end) = (0, end - begin);
        if (end == buffer.Length)
            Array.Resize(ref buffer, buffer.Length * 2);
        var read = await stream.ReadAsync(buffer.AsMemory(end), cancel);
        end += read;
        return read > 0;
    }

    public ReadOnlySpan<byte> Bytes(int field) => buffer.AsSpan(fields[field].Begin, fields[field].Length);

    public bool IsNull(int field) => fields[field].Length < 0;

    public int Int(int field) => BinaryPrimitives.ReadInt32BigEndian(Bytes(field));

    public long Long(int field) => BinaryPrimitives.ReadInt64BigEndian(Bytes(field));

    public DateTimeOffset Time(int field) => Epoch.AddTicks(Long(field) * TimeSpan.TicksPerMicrosecond);

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
