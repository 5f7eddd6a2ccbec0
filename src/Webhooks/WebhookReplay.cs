using Bifrost.Messaging;
using Npgsql;

namespace Bifrost.Webhooks;

/// <summary>Tells a webhook of events of the past again.</summary>
public sealed class WebhookReplay(Outbox outbox)
{
    private const string Latest = "SELECT coalesce(max(seq_id), 0) FROM events.mt_events";

    private const string Wanted =
        """
        SELECT e.seq_id
        FROM events.mt_events e
        JOIN work.webhook w ON w.webhook_id = $1
            AND (cardinality(w.event_types) = 0 OR e.type = ANY (w.event_types))
            AND (w.portfolio_id IS NULL OR w.portfolio_id = (e.data ->> 'portfolioId')::integer)
        WHERE e.seq_id > $2 AND e.seq_id <= $3
        ORDER BY e.seq_id
        """;

    // What the same job has asked for before stays as it is: a job may be begun again.
    private const string Insert =
        """
        INSERT INTO work.webhook_delivery (delivery_id, webhook_id, sequence, replay_job)
        SELECT u.delivery_id, $1, u.sequence, $2 FROM unnest($3, $4) AS u (delivery_id, sequence)
        ON CONFLICT ON CONSTRAINT webhook_event_once DO NOTHING
        RETURNING delivery_id
        """;

    /// <summary>The last sequence that is committed.</summary>
    public async Task<long> ReadLatest(CancellationToken cancel)
    {
        await using var transaction = await outbox.Begin(cancel);
        await using var command = transaction.Command(Latest);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Has a webhook told of what it wants of some part of the log, once for each job.</summary>
    /// <returns>Of how many events it will be told.</returns>
    public async Task<int> Tell(Guid webhookId, Guid jobId, long after, long through, CancellationToken cancel)
    {
        await using var transaction = await outbox.Begin(cancel);
        var sequences = await Find(transaction, webhookId, after, through, cancel);
        var deliveries = await Add(transaction, webhookId, jobId, sequences, cancel);
        foreach (var delivery in deliveries)
            await transaction.Send(new DeliverWebhook(delivery, Attempt: 0));
        await transaction.Commit(cancel);
        return deliveries.Count;
    }

    private static async Task<List<long>> Find(
        OutboxTransaction transaction, Guid webhookId, long after, long through, CancellationToken cancel)
    {
        await using var command = transaction.Command(Wanted);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhookId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = through });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var sequences = new List<long>();
        while (await reader.ReadAsync(cancel))
            sequences.Add(reader.GetInt64(0));
        return sequences;
    }

    private static async Task<List<Guid>> Add(
        OutboxTransaction transaction, Guid webhookId, Guid jobId, List<long> sequences, CancellationToken cancel)
    {
        await using var command = transaction.Command(Insert);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhookId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = jobId });
        command.Parameters.Add(
            new NpgsqlParameter<Guid[]> { TypedValue = [.. sequences.Select(_ => Guid.CreateVersion7())] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. sequences] });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var deliveries = new List<Guid>();
        while (await reader.ReadAsync(cancel))
            deliveries.Add(reader.GetGuid(0));
        return deliveries;
    }
}
