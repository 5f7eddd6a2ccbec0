using System.Buffers;
using System.Text.Json;
using Bifrost.EventStore;
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

    private const string Columns = EventDocument.Columns;

    private const string Latest = "SELECT coalesce(max(seq_id), 0) FROM events.mt_events";

    private const string All =
        $"""
        SELECT {Columns}, (e.data ->> 'portfolioId')::integer, 0::bigint,
               -- Row by row, so that no plan reads the whole table for a page.
               coalesce((SELECT user_id FROM portfolio p
                         WHERE p.portfolio_id = (e.data ->> 'portfolioId')::integer), 0)
        FROM events.mt_events e WHERE e.seq_id > $1 ORDER BY e.seq_id LIMIT $2
        """;

    // By version, because the index of a portfolio's events has that and not the sequence.
    private const string OfPortfolio =
        $"""
        SELECT {Columns}, p.portfolio_id, p.version, 0
        FROM ledger.portfolio_event p JOIN events.mt_events e ON e.seq_id = p.seq_id
        WHERE p.portfolio_id = $1 AND p.version > $2
        ORDER BY p.version LIMIT $3
        """;

    // Where each portfolio had come to is told with the question, or it would be looked for anew with each page. One
    // that is not told of was opened later; the statement that reads the others has to see it, to be in order.
    private const string OfUser =
        $"""
        SELECT {Columns}, p.portfolio_id, p.version, $1
        FROM (SELECT o.*
              FROM portfolio f
              LEFT JOIN unnest($2, $3) AS known (portfolio_id, version) ON known.portfolio_id = f.portfolio_id
              CROSS JOIN LATERAL (SELECT o.* FROM ledger.portfolio_event o
                                  WHERE o.portfolio_id = f.portfolio_id AND o.version > coalesce(known.version, 0)
                                  ORDER BY o.version LIMIT $4) o
              WHERE f.user_id = $1
              ORDER BY o.seq_id LIMIT $4) p
        JOIN events.mt_events e ON e.seq_id = p.seq_id
        ORDER BY p.seq_id
        """;

    private const string VersionsOfUser =
        """
        SELECT f.portfolio_id,
               coalesce((SELECT o.version FROM ledger.portfolio_event o
                         WHERE o.portfolio_id = f.portfolio_id AND o.seq_id <= $2
                         ORDER BY o.version DESC LIMIT 1), 0)
        FROM portfolio f WHERE f.user_id = $1
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

    /// <summary>The same of each portfolio that a user has.</summary>
    public Task<Dictionary<int, long>> ReadVersions(int userId, long sequence, CancellationToken cancel) =>
        WithCommand(VersionsOfUser, [userId, sequence], async command =>
        {
            await using var reader = await command.ExecuteReaderAsync(cancel);
            var versions = new Dictionary<int, long>();
            while (await reader.ReadAsync(cancel))
                versions.Add(reader.GetInt32(0), reader.GetInt64(1));
            return versions;
        }, cancel);

    public Task<EventFrames> ReadAll(long after, CancellationToken cancel) => Read(All, cancel, after);

    public Task<EventFrames> ReadPortfolio(int portfolioId, long afterVersion, CancellationToken cancel) =>
        Read(OfPortfolio, cancel, portfolioId, afterVersion);

    /// <param name="after">The versions that the portfolios of the user have come to.</param>
    public Task<EventFrames> ReadUser(int userId, Dictionary<int, long> after, CancellationToken cancel) =>
        Read(OfUser, cancel, userId, after.Keys.ToArray(), after.Values.ToArray());

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
                frames.Add(new(
                    reader.GetInt64(0),
                    reader.GetInt32(10),
                    reader.GetInt64(11),
                    reader.GetInt32(12),
                    bytes.WrittenCount));
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
        Sse.WriteId(bytes, row.GetInt64(0));
        Sse.BeginMessage(bytes, row.GetString(4));
        json.Reset();
        EventDocument.Write(row, json);
        json.Flush();
        Sse.EndMessage(bytes);
    }
}
