using Npgsql;

namespace Bifrost.Jobs;

/// <summary>Content in parts of a table, read from its beginning to its end.</summary>
internal sealed class JobContentReader(NpgsqlDataSource database, Guid jobId, int attempt) : ForwardStream
{
    private const string Sql =
        """
        SELECT (SELECT bytes FROM work.job_content WHERE job_id = $1 AND attempt = $2 AND part = $3),
            EXISTS (SELECT FROM work.job_content WHERE job_id = $1 AND attempt = $2 AND part = 0)
        """;

    private byte[] current = [];
    private int offset;
    private int part;
    private bool isAtEnd;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (offset == current.Length)
        {
            if (isAtEnd)
                return 0;
            await ReadPart(cancellationToken);
        }
        var count = Math.Min(buffer.Length, current.Length - offset);
        current.AsMemory(offset, count).CopyTo(buffer);
        offset += count;
        return count;
    }

    private async Task ReadPart(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = jobId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = attempt });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = part });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        isAtEnd = await reader.IsDBNullAsync(0, cancel);
        // Else what is left of it would be taken for all of it.
        if (isAtEnd && part > 0 && !reader.GetBoolean(1))
            throw new IOException($"Job {jobId} was discarded while its content was read.");
        (current, offset, part) = (isAtEnd ? [] : reader.GetFieldValue<byte[]>(0), 0, part + 1);
    }
}

/// <summary>Content that is written to a table in parts as it comes; it is whole once this is disposed of.</summary>
/// <param name="commandOf">A command of this text, of whichever connection it is to be written by.</param>
internal sealed class JobContentWriter(Func<string, NpgsqlCommand> commandOf, Guid jobId, int attempt) : ForwardStream
{
    private const string Sql = "INSERT INTO work.job_content (job_id, attempt, part, bytes) VALUES ($1, $2, $3, $4)";

    private const int PartSize = 1024 * 1024;

    private readonly byte[] buffer = new byte[PartSize];
    private int length;
    private int part;

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        while (bytes.Length > 0)
        {
            var count = Math.Min(bytes.Length, PartSize - length);
            bytes[..count].CopyTo(buffer.AsMemory(length));
            (length, bytes) = (length + count, bytes[count..]);
            if (length == PartSize)
                await WritePart(cancellationToken);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        // Content of no bytes is content as well.
        if (length > 0 || part == 0)
            await WritePart(CancellationToken.None);
        await base.DisposeAsync();
    }

    private async Task WritePart(CancellationToken cancel)
    {
        await using var command = commandOf(Sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = jobId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = attempt });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = part });
        command.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = buffer.AsMemory(0, length) });
        // One that fails is not written again when this is disposed of, which would hide why.
        (length, part) = (0, part + 1);
        await command.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>A stream that goes one way and waits for the database, so it is not used synchronously.</summary>
internal abstract class ForwardStream : Stream
{
    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public override ValueTask WriteAsync(
        ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
