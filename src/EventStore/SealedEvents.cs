using System.Runtime.CompilerServices;
using Npgsql;

namespace Bifrost.EventStore;

/// <summary>An event as whoever audits sees it: what was hashed, and what the hash is said to be.</summary>
/// <param name="Payload">The stored JSON in UTF-8, which nobody has tried to understand.</param>
public sealed record SealedEvent(long Sequence, HashedEvent Event, byte[] Payload, byte[] Hash);

/// <summary>What stands at a place of the log.</summary>
/// <param name="Event">Null where only one half of it is there.</param>
/// <param name="Problem">What is wrong with the place itself, which no hash covers.</param>
public readonly record struct SealedPlace(long Sequence, SealedEvent? Event, string? Problem);

/// <summary>Reads the log with its hashes, in commit order and whatever it holds.</summary>
public static class SealedEvents
{
    // Some hundred kilobytes of JSON.
    private const int PlacesOfBatch = 500;

    private const string Columns =
        """
        p.portfolio_id, p.version, p.hash, e.stream_id, e.version, e.type, e.id, e.timestamp, e.user_name,
        e.causation_id, e.correlation_id, e.data::text,
        e.bdata IS NULL AND e.headers IS NULL AND e.is_archived IS FALSE AND e.tenant_id = '*DEFAULT*'
        """;

    // Both sides come in the order of their keys, so nothing is sorted. What the log has lost is asked for apart.
    private const string OfLog =
        $"""
        SELECT e.seq_id, {Columns}
        FROM events.mt_events e LEFT JOIN ledger.portfolio_event p ON p.seq_id = e.seq_id ORDER BY e.seq_id
        """;

    private const string OfRange =
        $"""
        SELECT e.seq_id, {Columns}
        FROM events.mt_events e LEFT JOIN ledger.portfolio_event p ON p.seq_id = e.seq_id
        WHERE e.seq_id BETWEEN $1 AND $2 ORDER BY e.seq_id
        """;

    private const string OfPortfolio =
        $"""
        SELECT p.seq_id, {Columns}
        FROM ledger.portfolio_event p LEFT JOIN events.mt_events e ON e.seq_id = p.seq_id
        WHERE p.portfolio_id = $1 AND p.version BETWEEN $2 AND $3 ORDER BY p.version
        """;

    private const string Lost =
        """
        SELECT p.seq_id, p.portfolio_id FROM ledger.portfolio_event p
        WHERE NOT EXISTS (SELECT FROM events.mt_events e WHERE e.seq_id = p.seq_id) ORDER BY p.seq_id
        """;

    /// <summary>The whole log.</summary>
    /// <param name="connection">
    /// Of the caller, in a transaction of one snapshot; it is busy with this until the last batch was taken.
    /// </param>
    public static async IAsyncEnumerable<List<SealedPlace>> ReadAll(
        NpgsqlConnection connection, [EnumeratorCancellation] CancellationToken cancel)
    {
        var lost = await ReadLost(connection, cancel);
        await foreach (var places in Read(new NpgsqlCommand(OfLog, connection), cancel))
        {
            var last = places[^1].Sequence;
            var before = lost.TakeWhile(place => place.Sequence < last).ToList();
            lost.RemoveRange(0, before.Count);
            yield return before.Count == 0 ? places : [.. places.Concat(before).OrderBy(place => place.Sequence)];
        }
        if (lost.Count > 0)
            yield return lost;
    }

    /// <summary>The log from one sequence through another.</summary>
    /// <inheritdoc cref="ReadAll"/>
    public static IAsyncEnumerable<List<SealedPlace>> ReadRange(
        NpgsqlConnection connection, long first, long last, CancellationToken cancel)
    {
        var command = new NpgsqlCommand(OfRange, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = first });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = last });
        return Read(command, cancel);
    }

    /// <summary>The history of one portfolio, from one of its versions through another.</summary>
    /// <inheritdoc cref="ReadAll"/>
    public static IAsyncEnumerable<List<SealedPlace>> ReadPortfolio(
        NpgsqlConnection connection, int portfolioId, long first, long last, CancellationToken cancel)
    {
        var command = new NpgsqlCommand(OfPortfolio, connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = portfolioId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = first });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = last });
        return Read(command, cancel);
    }

    private static async Task<List<SealedPlace>> ReadLost(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Lost, connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var lost = new List<SealedPlace>();
        while (await reader.ReadAsync(cancel))
            lost.Add(LostPlace(reader.GetInt64(0), reader.GetInt32(1)));
        return lost;
    }

    private static SealedPlace LostPlace(long sequence, int portfolioId) => new(
        sequence,
        null,
        $"the log does not have it, and the history of portfolio {portfolioId} does: it was deleted");

    private static IAsyncEnumerable<List<SealedPlace>> Read(NpgsqlCommand command, CancellationToken cancel) =>
        command.ReadBatches(Place, PlacesOfBatch, cancel);

    private static SealedPlace Place(NpgsqlDataReader reader)
    {
        var sequence = reader.GetInt64(0);
        if (reader.IsDBNull(1))
            return new SealedPlace(sequence, null, "no portfolio's history has it: it was inserted");
        if (reader.IsDBNull(4))
            return LostPlace(sequence, reader.GetInt32(1));
        var hashed = new HashedEvent(
            reader.GetInt32(1),
            new EventOrder(reader.GetInt64(5), reader.GetInt64(2)),
            reader.GetString(4),
            reader.GetString(6),
            reader.GetGuid(7),
            new DateTimeOffset(reader.GetDateTime(8), TimeSpan.Zero),
            new HashedOrigin(Text(reader, 9), Text(reader, 10), Text(reader, 11)));
        var stored = new SealedEvent(
            sequence, hashed, reader.GetFieldValue<byte[]>(12), reader.GetFieldValue<byte[]>(3));
        return new SealedPlace(
            sequence,
            stored,
            !reader.IsDBNull(13) && reader.GetBoolean(13)
                ? null
                : "bdata, headers, is_archived or tenant_id is not what the ledger writes: it was changed");
    }

    private static string? Text(NpgsqlDataReader reader, int field) =>
        reader.IsDBNull(field) ? null : reader.GetString(field);
}
