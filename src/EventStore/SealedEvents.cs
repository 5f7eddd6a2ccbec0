using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
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
        await foreach (var places in Copy(connection, OfLog, cancel))
        {
            var last = places[^1].Sequence;
            var before = lost.TakeWhile(place => place.Sequence < last).ToList();
            lost.RemoveRange(0, before.Count);
            yield return before.Count == 0 ? places : [.. places.Concat(before).OrderBy(place => place.Sequence)];
        }
        if (lost.Count > 0)
            yield return lost;
    }

    /// <summary>The history of one portfolio.</summary>
    /// <inheritdoc cref="ReadAll"/>
    public static IAsyncEnumerable<List<SealedPlace>> ReadPortfolio(
        NpgsqlConnection connection, int portfolioId, CancellationToken cancel) => Copy(
            connection,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                SELECT p.seq_id, {Columns}
                FROM ledger.portfolio_event p LEFT JOIN events.mt_events e ON e.seq_id = p.seq_id
                WHERE p.portfolio_id = {portfolioId} ORDER BY p.version
                """),
            cancel);

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

    private static async IAsyncEnumerable<List<SealedPlace>> Copy(
        NpgsqlConnection connection, string sql, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var rows = await CopiedRows.Begin(connection, sql, fields: 14, cancel);
        do
        {
            var batch = new List<SealedPlace>();
            while (rows.TryNext())
                batch.Add(Place(rows));
            if (batch.Count > 0)
                yield return batch;
        }
        while (await rows.Receive(cancel));
    }

    private static SealedPlace Place(CopiedRows rows)
    {
        var sequence = rows.Long(0);
        if (rows.IsNull(1))
            return new SealedPlace(sequence, null, "no portfolio's history has it: it was inserted");
        if (rows.IsNull(4))
            return LostPlace(sequence, rows.Int(1));
        var hashed = new HashedEvent(
            rows.Int(1),
            new EventOrder(rows.Long(5), rows.Long(2)),
            Text(rows, 4)!,
            Text(rows, 6)!,
            new Guid(rows.Bytes(7), bigEndian: true),
            rows.Time(8),
            new HashedOrigin(Text(rows, 9), Text(rows, 10), Text(rows, 11)));
        var stored = new SealedEvent(sequence, hashed, rows.Bytes(12).ToArray(), rows.Bytes(3).ToArray());
        var isPlain = !rows.IsNull(13) && rows.Bytes(13)[0] == 1;
        return new SealedPlace(
            sequence,
            stored,
            isPlain ? null : "bdata, headers, is_archived or tenant_id is not what the ledger writes: it was changed");
    }

    private static string? Text(CopiedRows rows, int field) =>
        rows.IsNull(field) ? null : Encoding.UTF8.GetString(rows.Bytes(field));
}
