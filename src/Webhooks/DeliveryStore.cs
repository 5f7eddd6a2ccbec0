using Bifrost.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Bifrost.Webhooks;

/// <summary>What has become of deliveries, and what is to become of those that were given up.</summary>
public sealed class DeliveryStore(
    Outbox outbox, [FromKeyedServices(MessagingModule.Connections)] NpgsqlDataSource database)
{
    private const string Columns =
        """
        delivery_id, webhook_id, sequence, state, replay_job, attempts, status_code, error, next_at, created_at,
        delivered_at
        """;

    private const string Page =
        $"""
        SELECT {Columns} FROM work.webhook_delivery
        WHERE webhook_id = $1 AND ($2::uuid IS NULL OR delivery_id < $2) AND ($3::text IS NULL OR state = $3)
        ORDER BY delivery_id DESC LIMIT $4
        """;

    private const string One =
        $"SELECT {Columns} FROM work.webhook_delivery WHERE webhook_id = $1 AND delivery_id = $2";

    private const string Again =
        """
        UPDATE work.webhook_delivery SET state = 'pending', failures = 0, next_at = now()
        WHERE webhook_id = $1 AND delivery_id = $2 AND state = 'dead'
        RETURNING attempts
        """;

    // A webhook at a time, because there are few of them and what waits is found by it.
    private const string Late =
        """
        SELECT coalesce(sum(d.late), 0)::bigint, coalesce(now() - min(d.first), interval '0')
        FROM work.webhook w, LATERAL (
            SELECT count(*) AS late, min(coalesce(next_at, created_at)) AS first FROM work.webhook_delivery
            WHERE webhook_id = w.webhook_id AND state = 'pending' AND coalesce(next_at, created_at) < now()
        ) AS d
        """;

    private const string Remove =
        "DELETE FROM work.webhook_delivery WHERE webhook_id = $1 AND delivery_id = $2 AND state = 'dead'";

    private const string RemoveDelivered =
        "DELETE FROM work.webhook_delivery WHERE state = 'delivered' AND delivered_at < now() - $1::interval";

    /// <summary>Deliveries of a webhook from the newest on.</summary>
    /// <param name="before">Only older ones than this; null for all.</param>
    public async Task<List<Delivery>> List(
        Guid webhookId, Guid? before, DeliveryState? state, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Page);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhookId });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)before ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)state?.Word() ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var deliveries = new List<Delivery>();
        while (await reader.ReadAsync(cancel))
            deliveries.Add(Read(reader));
        return deliveries;
    }

    public async Task<Delivery?> Find(Guid webhookId, Guid deliveryId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(One);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhookId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = deliveryId });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? Read(reader) : null;
    }

    /// <summary>Has a delivery that was given up made again.</summary>
    /// <returns>False where there is no such delivery, or it was not given up.</returns>
    public async Task<bool> Retry(Guid webhookId, Guid deliveryId, CancellationToken cancel)
    {
        await using var transaction = await outbox.Begin(cancel);
        await using var command = transaction.Command(Again);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhookId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = deliveryId });
        if (await command.ExecuteScalarAsync(cancel) is not int attempts)
            return false;
        await transaction.Send(new DeliverWebhook(deliveryId, attempts));
        await transaction.Commit(cancel);
        return true;
    }

    /// <returns>How many requests are due and were not made yet, and for how long the first of them has been.</returns>
    public async Task<(long Due, TimeSpan Age)> Overdue(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Late);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetInt64(0), reader.GetTimeSpan(1));
    }

    /// <summary>Removes a delivery that was given up.</summary>
    /// <returns>False where there is no such delivery, or it was not given up.</returns>
    public async Task<bool> Discard(Guid webhookId, Guid deliveryId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Remove);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhookId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = deliveryId });
        return await command.ExecuteNonQueryAsync(cancel) > 0;
    }

    /// <summary>Removes what was delivered so long ago.</summary>
    /// <returns>How many deliveries it were.</returns>
    public async Task<int> DiscardDelivered(TimeSpan age, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(RemoveDelivered);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = age });
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static Delivery Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetGuid(1),
        reader.GetInt64(2),
        Enum.Parse<DeliveryState>(reader.GetString(3), ignoreCase: true))
    {
        ReplayJob = reader.IsDBNull(4) ? null : reader.GetGuid(4),
        Attempts = reader.GetInt32(5),
        StatusCode = reader.IsDBNull(6) ? null : reader.GetInt32(6),
        Error = reader.IsDBNull(7) ? null : reader.GetString(7),
        NextAt = Time(reader, 8),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(9),
        DeliveredAt = Time(reader, 10),
    };

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}

public static class DeliveryStates
{
    /// <summary>The words of the states, in the order of <see cref="DeliveryState"/>.</summary>
    public static IReadOnlyList<string> Words { get; } =
        [.. Enum.GetNames<DeliveryState>().Select(name => name.ToLowerInvariant())];

    public static string Word(this DeliveryState state) => Words[(int)state];
}
