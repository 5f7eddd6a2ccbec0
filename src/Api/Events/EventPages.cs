using System.Buffers;
using System.Text.Json;
using Npgsql;

namespace Bifrost.Api.Events;

/// <summary>
/// Reads the log a page at a time and makes frames of it. What is stored is passed on as it is: an event that only a
/// newer build knows must not silence the streams of this one.
/// </summary>
internal sealed class EventPages(NpgsqlDataSource database) : IDisposable
{
    // A page is held in memory for as long as its client takes to read it, and there may be many such clients.
    private const int MostBytes = 64 * 1024;
    private const int FewestEvents = 16;
    private const int MostEvents = 500;

    // When a server starts all its clients come back at once; commands need connections too.
    private const int MostReaders = 4;

    private const string Columns =
        """
        e.seq_id, e.id, e.stream_id, e.version, e.type, e.data, (e.data ->> 'occurredAt')::timestamptz, e.timestamp,
        e.user_name, e.causation_id
        """;

    private const string Latest = "SELECT coalesce(max(seq_id), 0) FROM events.mt_events";

    private const string All =
        $"""
        SELECT {Columns}, (e.data ->> 'portfolioId')::integer, 0::bigint
        FROM events.mt_events e WHERE e.seq_id > $1 ORDER BY e.seq_id LIMIT $2
        """;

    // By version, because the index of a portfolio's events has that and not the sequence.
    private const string OfPortfolio =
        $"""
        SELECT {Columns}, p.portfolio_id, p.version
        FROM ledger.portfolio_event p JOIN events.mt_events e ON e.seq_id = p.seq_id
        WHERE p.portfolio_id = $1 AND p.version > $2
        ORDER BY p.version LIMIT $3
        """;

    // From the end, because streams that fall behind are rarely far behind.
    private const string VersionAt =
        """
        SELECT version FROM ledger.portfolio_event WHERE portfolio_id = $1 AND seq_id <= $2
        ORDER BY version DESC LIMIT 1
        """;

    private const string Portfolio = "SELECT EXISTS (SELECT FROM portfolio WHERE portfolio_id = $1)";

    private readonly SemaphoreSlim readers = new(MostReaders);

    // How many events a page holds, by the size of the last ones. The database sends all that is asked for, so asking
    // for more than is taken would cost their way here each time anew.
    private int fitting = MostEvents;

    /// <summary>The last sequence that is committed; zero where there is none.</summary>
    public async Task<long> ReadLatest(CancellationToken cancel) => (long)(await Scalar(Latest, cancel))!;

    public async Task<bool> HasPortfolio(int portfolioId, CancellationToken cancel) =>
        (bool)(await Scalar(Portfolio, cancel, portfolioId))!;

    /// <summary>How many events a portfolio had when the log had come to a sequence.</summary>
    public async Task<long> ReadVersion(int portfolioId, long sequence, CancellationToken cancel) =>
        (long?)await Scalar(VersionAt, cancel, portfolioId, sequence) ?? 0;

    public Task<EventFrames> ReadAll(long after, CancellationToken cancel) => Read(All, cancel, after);

    public Task<EventFrames> ReadPortfolio(int portfolioId, long afterVersion, CancellationToken cancel) =>
        Read(OfPortfolio, cancel, portfolioId, afterVersion);

    public void Dispose() => readers.Dispose();

    private Task<object?> Scalar(string sql, CancellationToken cancel, params object[] parameters) =>
        WithCommand(sql, parameters, command => command.ExecuteScalarAsync(cancel), cancel);

    private Task<EventFrames> Read(string sql, CancellationToken cancel, params object[] parameters)
    {
        var limit = Volatile.Read(ref fitting);
        return WithCommand(sql, [.. parameters, limit], async command =>
        {
            await using var reader = await command.ExecuteReaderAsync(cancel);
            var (bytes, frames) = (new ArrayBufferWriter<byte>(1024), new List<EventFrames.Frame>());
            using var json = new Utf8JsonWriter(bytes);
            while (bytes.WrittenCount < 2 * MostBytes && await reader.ReadAsync(cancel))
            {
                Write(reader, bytes, json);
                frames.Add(new(reader.GetInt64(0), reader.GetInt32(10), reader.GetInt64(11), bytes.WrittenCount));
            }
            if (frames.Count > 0)
                fitting = Math.Clamp(MostBytes / (bytes.WrittenCount / frames.Count), FewestEvents, MostEvents);
            var isFull = bytes.WrittenCount >= 2 * MostBytes || frames.Count == limit;
            return new EventFrames(bytes.WrittenSpan.ToArray(), frames, isFull);
        }, cancel);
    }

    private async Task<T> WithCommand<T>(
        string sql, object[] parameters, Func<NpgsqlCommand, Task<T>> run, CancellationToken cancel)
    {
        await readers.WaitAsync(cancel);
        try
        {
            await using var command = database.CreateCommand(sql);
            foreach (var parameter in parameters)
                command.Parameters.Add(new NpgsqlParameter { Value = parameter });
            return await run(command);
        }
        finally
        {
            readers.Release();
        }
    }

    // An event of the stream's own format: lines that begin with the name of a field, and an empty one at the end.
    private static void Write(NpgsqlDataReader row, ArrayBufferWriter<byte> bytes, Utf8JsonWriter json)
    {
        var type = row.GetString(4);
        Sse.WriteId(bytes, row.GetInt64(0));
        Sse.BeginMessage(bytes, type);
        json.Reset();
        json.WriteStartObject();
        json.WriteNumber("sequence", row.GetInt64(0));
        json.WriteString("id", row.GetGuid(1));
        json.WriteString("stream", row.GetString(2));
        json.WriteNumber("version", row.GetInt64(3));
        json.WriteString("type", type);
        json.WritePropertyName("data");
        // The database holds it as JSON, so it need not be looked at again; it writes it on one line.
        json.WriteRawValue(row.GetFieldValue<byte[]>(5), skipInputValidation: true);
        json.WriteString("occurredAt", row.GetDateTime(6));
        json.WriteString("recordedAt", row.GetDateTime(7));
        json.WriteString("actor", row.IsDBNull(8) ? "" : row.GetString(8));
        json.WriteString("commandId", row.IsDBNull(9) ? "" : row.GetString(9));
        json.WriteNumber("portfolioId", row.GetInt32(10));
        json.WriteEndObject();
        json.Flush();
        Sse.EndMessage(bytes);
    }
}
