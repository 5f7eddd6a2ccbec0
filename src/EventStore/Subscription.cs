using Npgsql;

namespace Bifrost.EventStore;

/// <summary>
/// Follows the log in commit order from a checkpoint of its own, in <c>mt_event_progression</c>. A batch is handed over
/// and its checkpoint moved in one transaction, so a handler that writes through it sees each event exactly once.
/// </summary>
/// <param name="name">The subscriber's name: one checkpoint each.</param>
/// <param name="batchSize">Events handed over at a time, at most.</param>
public sealed class Subscription(NpgsqlDataSource database, string name, int batchSize = 500)
{
    private const string Claim =
        """
        INSERT INTO events.mt_event_progression AS p (name, last_seq_id) VALUES ($1, 0)
        ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name
        RETURNING p.last_seq_id
        """;

    private const string Move =
        "UPDATE events.mt_event_progression SET last_seq_id = $2, last_updated = now() WHERE name = $1";

    /// <summary>
    /// Hands the events after the checkpoint to <paramref name="handle"/>, if there are any, and moves the checkpoint.
    /// Two processes under one name take turns: the row of the checkpoint is the lock.
    /// </summary>
    /// <returns>How many events were handed over; fewer than the batch size means that the end was reached.</returns>
    public async Task<int> Advance(
        Func<IReadOnlyList<StoredEvent>, NpgsqlTransaction, CancellationToken, Task> handle,
        CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var claim = new NpgsqlCommand(Claim, connection, transaction);
        claim.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        var checkpoint = (long)(await claim.ExecuteScalarAsync(cancel))!;

        var events = await EventLog.ReadAfter(connection, checkpoint, batchSize, cancel);
        if (events.Count == 0)
            return 0;
        await handle(events, transaction, cancel);

        await using var move = new NpgsqlCommand(Move, connection, transaction);
        move.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        move.Parameters.Add(new NpgsqlParameter<long> { TypedValue = events[^1].Sequence });
        await move.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
        return events.Count;
    }
}
