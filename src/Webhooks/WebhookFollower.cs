using Bifrost.Messaging.Following;
using Npgsql;

namespace Bifrost.Webhooks;

/// <summary>Has each active webhook told of each event that it wants.</summary>
internal sealed class WebhookFollower(WebhookStore webhooks) : IFollower
{
    public const string Name = "webhooks";

    private const string Wanted =
        """
        SELECT w.webhook_id, e.seq_id
        FROM events.mt_events e
        JOIN work.webhook w ON w.active AND e.seq_id > w.after_sequence
            AND (cardinality(w.event_types) = 0 OR e.type = ANY (w.event_types))
            AND (w.portfolio_id IS NULL OR w.portfolio_id = (e.data ->> 'portfolioId')::integer)
        WHERE e.seq_id > $1 AND e.seq_id <= $2
        ORDER BY e.seq_id
        """;

    // One that was removed meanwhile is told of nothing.
    private const string Insert =
        """
        INSERT INTO work.webhook_delivery (delivery_id, webhook_id, sequence)
        SELECT u.delivery_id, u.webhook_id, u.sequence
        FROM unnest(?::uuid[], ?::uuid[], ?::bigint[]) AS u (delivery_id, webhook_id, sequence)
        JOIN work.webhook w ON w.webhook_id = u.webhook_id
        ON CONFLICT ON CONSTRAINT webhook_event_once DO NOTHING
        """;

    public async ValueTask<long?> WantedAfter(CancellationToken cancel) => await webhooks.WantedAfter(cancel);

    public async Task Follow(FollowedEvents events, CancellationToken cancel)
    {
        var wanted = await webhooks.Stable(
            connection => Find(connection, events.After, events.Through, cancel), cancel);
        if (wanted.Count == 0)
            return;
        var ids = wanted.Select(_ => Guid.CreateVersion7()).ToArray();
        events.Write(
            Insert, ids, wanted.Select(w => w.WebhookId).ToArray(), wanted.Select(w => w.Sequence).ToArray());
        foreach (var id in ids)
            await events.Send(new DeliverWebhook(id, Attempt: 0));
    }

    private static async Task<List<(Guid WebhookId, long Sequence)>> Find(
        NpgsqlConnection connection, long after, long through, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Wanted, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = through });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<(Guid, long)>();
        while (await reader.ReadAsync(cancel))
            found.Add((reader.GetGuid(0), reader.GetInt64(1)));
        return found;
    }
}
