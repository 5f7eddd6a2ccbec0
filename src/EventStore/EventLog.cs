using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Bifrost.Domain;
using Npgsql;

namespace Bifrost.EventStore;

/// <summary>Reads the log: by stream, by portfolio, by sequence, by time.</summary>
/// <remarks>All reads stream their rows; none holds the log in memory.</remarks>
public sealed class EventLog(NpgsqlDataSource database)
{
    private const string Columns =
        "e.seq_id, e.id, e.stream_id, e.version, e.type, e.data, e.timestamp, e.user_name, e.causation_id, "
        + "e.correlation_id";

    private const string OfStream =
        $"SELECT {Columns} FROM events.mt_events e WHERE e.stream_id = $1 ORDER BY e.version";

    private const string OfPortfolio =
        $"""
        SELECT {Columns}, p.portfolio_id, p.version, p.seq_id
        FROM ledger.portfolio_event p LEFT JOIN events.mt_events e ON e.seq_id = p.seq_id
        WHERE p.portfolio_id = $1 AND p.version > $2
        ORDER BY p.version
        """;

    private const string AfterSequence =
        $"SELECT {Columns} FROM events.mt_events e WHERE e.seq_id > $1 ORDER BY e.seq_id LIMIT $2";

    private const string RecordedBetween =
        $"SELECT {Columns} FROM events.mt_events e WHERE e.timestamp >= $1 AND e.timestamp < $2 ORDER BY e.seq_id";

    private const string Versions = "SELECT id, version FROM events.mt_streams WHERE id = ANY ($1)";

    private const string PortfolioVersion =
        "SELECT coalesce(max(version), 0) FROM ledger.portfolio_event WHERE portfolio_id = $1";

    /// <summary>All events of a stream, in order.</summary>
    public IAsyncEnumerable<StoredEvent> ReadStream(string stream, CancellationToken cancel = default) =>
        Read(OfStream, Row, cancel, stream);

    /// <summary>As above, on a connection of the caller and within its transaction.</summary>
    public static async IAsyncEnumerable<StoredEvent> ReadStream(
        NpgsqlConnection connection, string stream, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await using var command = new NpgsqlCommand(OfStream, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            yield return Row(reader);
    }

    /// <summary>
    /// The events of a portfolio whose portfolio version is above <paramref name="afterVersion"/>, in order.
    /// </summary>
    public IAsyncEnumerable<StoredEvent> ReadPortfolio(
        int portfolioId, long afterVersion = 0, CancellationToken cancel = default) =>
        Read(OfPortfolio, PortfolioRow, cancel, portfolioId, afterVersion);

    /// <summary>
    /// At most <paramref name="limit"/> events whose sequence is above <paramref name="sequence"/>, in commit order.
    /// </summary>
    public IAsyncEnumerable<StoredEvent> ReadAfter(long sequence, int limit, CancellationToken cancel = default) =>
        Read(AfterSequence, Row, cancel, sequence, limit);

    /// <summary>Events recorded from a moment (included) to a moment (excluded), in commit order.</summary>
    public IAsyncEnumerable<StoredEvent> ReadRecorded(
        DateTimeOffset from, DateTimeOffset to, CancellationToken cancel = default) =>
        Read(RecordedBetween, Row, cancel, from.UtcDateTime, to.UtcDateTime);

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

    /// <summary>The events after a sequence, on a connection of the caller and within its transaction.</summary>
    internal static async Task<List<StoredEvent>> ReadAfter(
        NpgsqlConnection connection, long sequence, int limit, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(AfterSequence, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = sequence });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var events = new List<StoredEvent>();
        while (await reader.ReadAsync(cancel))
            events.Add(Row(reader));
        return events;
    }

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
        new DateTimeOffset(reader.GetDateTime(6), TimeSpan.Zero),
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

    // A history counts its events, so one that is gone is seen here and not passed over.
    private static StoredEvent PortfolioRow(NpgsqlDataReader reader) => reader.IsDBNull(0)
        ? throw new UnfoldableEventException(
            HistoryFault.Missing,
            null,
            $"The log does not have event {reader.GetInt64(12)}, which is version {reader.GetInt64(11)} of portfolio "
            + $"{reader.GetInt32(10)}.")
        : Row(reader, reader.GetInt64(11));
}
