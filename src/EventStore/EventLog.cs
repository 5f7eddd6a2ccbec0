using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Bifrost.Domain;
using JasperFx.Events;
using Marten;
using Marten.Exceptions;
using Marten.Services;
using Npgsql;

namespace Bifrost.EventStore;

/// <summary>Reads the log: by stream, by portfolio, and whole.</summary>
/// <remarks>
/// All reads stream their rows; none holds the log in memory. Streams are read by Marten. A portfolio's history lies
/// over many streams and is ordered by the ledger's own index, which Marten does not know; and what replays the whole
/// log reads its rows by themselves, at several times the rate of Marten's reads.
/// </remarks>
public sealed class EventLog(NpgsqlDataSource database)
{
    private const string Columns =
        "e.seq_id, e.id, e.stream_id, e.version, e.type, e.data, e.timestamp, e.user_name, e.causation_id, "
        + "e.correlation_id";

    // Who wrote an event is not read where only a fold is made of it.
    private static readonly Origin NoOrigin = new("", "", null);

    private const string NextOfStream =
        $"""
        SELECT {Columns} FROM events.mt_events e
        WHERE e.stream_id = $1 AND e.version > $2 ORDER BY e.version LIMIT 1
        """;

    private const string WholeLog =
        """
        SELECT seq_id, version, timestamp, type, data FROM events.mt_events
        WHERE seq_id > $1 AND seq_id <= $2 ORDER BY seq_id
        """;

    private const string Histories =
        """
        SELECT p.portfolio_id, p.version, p.seq_id, e.version, e.timestamp, e.type, e.data, e.stream_id
        FROM ledger.portfolio_event p LEFT JOIN events.mt_events e ON e.seq_id = p.seq_id
        WHERE p.portfolio_id = ANY ($1) ORDER BY p.portfolio_id, p.version
        """;

    // Some hundred kilobytes of JSON.
    private const int EventsOfBatch = 500;

    private const string OfPortfolio =
        $"""
        SELECT {Columns}, p.portfolio_id, p.version, p.seq_id, p.hash
        FROM ledger.portfolio_event p LEFT JOIN events.mt_events e ON e.seq_id = p.seq_id
        WHERE p.portfolio_id = $1 AND p.version > $2 AND p.version <= $3
        ORDER BY p.version
        """;

    private const string Versions = "SELECT id, version FROM events.mt_streams WHERE id = ANY ($1)";

    private const string PortfolioVersion =
        "SELECT coalesce(max(version), 0) FROM ledger.portfolio_event WHERE portfolio_id = $1";

    /// <summary>All events of a stream, in order.</summary>
    /// <param name="within">A transaction of the caller to read in, if any.</param>
    /// <exception cref="EventReadException">This build cannot read the next event.</exception>
    public async IAsyncEnumerable<StoredEvent> ReadStream(
        string stream, NpgsqlTransaction? within = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var store = LedgerStore.Of(database);
        await using var session = within is null
            ? store.QuerySession()
            : store.QuerySession(SessionOptions.ForTransaction(within));
        var (last, failure) = (0L, (Exception?)null);
        await using (var events = session.Events.QueryAllRawEvents().Where(e => e.StreamKey == stream)
            .OrderBy(e => e.Version).ToAsyncEnumerable(cancel).GetAsyncEnumerator(cancel))
        {
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync())
                        yield break;
                }
                catch (Exception e) when (e is MartenException or InvalidCastException)
                {
                    failure = e;
                    break;
                }
                last = events.Current.Version;
                yield return Stored(events.Current);
            }
        }
        throw await WhyUnreadable(stream, last, within, cancel) ?? failure;
    }

    /// <summary>
    /// The events of a portfolio whose portfolio version is above <paramref name="afterVersion"/> and at most
    /// <paramref name="throughVersion"/>, in order.
    /// </summary>
    public IAsyncEnumerable<StoredEvent> ReadPortfolio(
        int portfolioId,
        long afterVersion = 0,
        long throughVersion = long.MaxValue,
        CancellationToken cancel = default) =>
        Read(OfPortfolio, PortfolioRow, cancel, portfolioId, afterVersion, throughVersion);

    /// <summary>Events in each of the named streams; a stream that is not there is left out.</summary>
    public async Task<ImmutableDictionary<string, long>> ReadVersions(
        IReadOnlyCollection<string> streams, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(Versions);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. streams] });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var versions = ImmutableDictionary.CreateBuilder<string, long>();
        while (await reader.ReadAsync(cancel))
            versions.Add(reader.GetString(0), reader.GetInt64(1));
        return versions.ToImmutable();
    }

    /// <summary>How many events a portfolio has; zero where there is none.</summary>
    public async Task<long> ReadVersion(int portfolioId)
    {
        await using var command = database.CreateCommand(PortfolioVersion);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = portfolioId });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>
    /// The whole log from after one sequence through another, in commit order and in batches.
    /// </summary>
    /// <param name="connection">Of the caller, which it is busy with until the last batch was taken.</param>
    public static IAsyncEnumerable<List<LoggedEvent>> Replay(
        NpgsqlConnection connection, long after, long through, CancellationToken cancel)
    {
        var command = new NpgsqlCommand(WholeLog, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = through });
        return command.ReadBatches(Logged, EventsOfBatch, cancel);
    }

    /// <summary>
    /// The histories of some portfolios one after another, in order; what cannot be read says why, and does not end the
    /// reading.
    /// </summary>
    /// <param name="connection">Of the caller, which it is busy with until the last one was taken.</param>
    public static async IAsyncEnumerable<HistoryEntry> ReadHistories(
        NpgsqlConnection connection, IEnumerable<int> portfolioIds, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Histories, connection);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. portfolioIds] });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            yield return Entry(reader);
    }

    private static HistoryEntry Entry(NpgsqlDataReader reader)
    {
        var (portfolioId, version, sequence) = (reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2));
        if (reader.IsDBNull(3))
            return new HistoryEntry(portfolioId, null, Missing(sequence, version, portfolioId));
        var place = new EventPlace(sequence, reader.GetString(7), reader.GetInt64(3));
        try
        {
            var data = EventCatalog.Read(reader.GetString(5), reader.GetFieldValue<byte[]>(6), place.Version);
            var stored = new StoredEvent(
                sequence, Guid.Empty, place.Stream, place.Version, data, Time(reader, 4), NoOrigin)
            {
                PortfolioVersion = version,
            };
            return new HistoryEntry(portfolioId, stored, null);
        }
        catch (EventReadException e)
        {
            e.Place = place;
            return new HistoryEntry(portfolioId, null, e);
        }
    }

    private static LoggedEvent Logged(NpgsqlDataReader reader)
    {
        var (sequence, version, at) = (reader.GetInt64(0), reader.GetInt64(1), Time(reader, 2));
        try
        {
            var data = EventCatalog.Read(reader.GetString(3), reader.GetFieldValue<byte[]>(4), version);
            return new LoggedEvent(sequence, version, at, data, null);
        }
        catch (EventReadException e)
        {
            return new LoggedEvent(sequence, version, at, null, e);
        }
    }

    private static DateTimeOffset Time(NpgsqlDataReader reader, int ordinal) =>
        new(reader.GetDateTime(ordinal), TimeSpan.Zero);

    private async IAsyncEnumerable<StoredEvent> Read(
        string sql,
        Func<NpgsqlDataReader, StoredEvent> row,
        [EnumeratorCancellation] CancellationToken cancel,
        params object[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            yield return row(reader);
    }

    /// <exception cref="EventReadException">This build cannot read the event.</exception>
    public static StoredEvent Row(NpgsqlDataReader reader) => Row(reader, 0);

    private static StoredEvent Row(NpgsqlDataReader reader, long portfolioVersion) => new(
        reader.GetInt64(0),
        reader.GetGuid(1),
        reader.GetString(2),
        reader.GetInt64(3),
        Fact(reader),
        Time(reader, 6),
        new Origin(
            reader.IsDBNull(7) ? "" : reader.GetString(7),
            reader.IsDBNull(8) ? "" : reader.GetString(8),
            reader.IsDBNull(9) ? null : reader.GetString(9)))
    {
        PortfolioVersion = portfolioVersion,
    };

    private static LedgerEvent Fact(NpgsqlDataReader reader)
    {
        try
        {
            return EventCatalog.Read(reader.GetString(4), reader.GetFieldValue<byte[]>(5), reader.GetInt64(3));
        }
        catch (EventReadException e)
        {
            e.Place = new EventPlace(reader.GetInt64(0), reader.GetString(2), reader.GetInt64(3));
            throw;
        }
    }

    private static StoredEvent Stored(IEvent e) => new(
        e.Sequence,
        e.Id,
        e.StreamKey!,
        e.Version,
        (LedgerEvent)e.Data,
        e.Timestamp,
        new Origin(e.UserName ?? "", e.CausationId ?? "", e.CorrelationId));

    // Marten does not say where in the log it could not read on, nor always why.
    private async Task<EventReadException?> WhyUnreadable(
        string stream, long lastRead, NpgsqlTransaction? within, CancellationToken cancel)
    {
        await using var own = within is null ? await database.OpenConnectionAsync(cancel) : null;
        await using var command = new NpgsqlCommand(NextOfStream, own ?? within!.Connection, within);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = lastRead });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        try
        {
            if (await reader.ReadAsync(cancel))
                Row(reader);
            return null;
        }
        catch (EventReadException e)
        {
            return e;
        }
    }

    // A history counts its events, so one that is gone is seen here and not passed over.
    private static StoredEvent PortfolioRow(NpgsqlDataReader reader) => reader.IsDBNull(0)
        ? throw Missing(reader.GetInt64(12), reader.GetInt64(11), reader.GetInt32(10))
        : Row(reader, reader.GetInt64(11)) with { Hash = reader.GetFieldValue<byte[]>(13) };

    private static UnfoldableEventException Missing(long sequence, long version, int portfolioId) => new(
        HistoryFault.Missing,
        null,
        $"The log does not have event {sequence}, which is version {version} of portfolio {portfolioId}.");
}
