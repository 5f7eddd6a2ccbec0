using System.Buffers;
using System.Text.Json;
using Bifrost.EventStore;
using Bifrost.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;

namespace Bifrost.Webhooks;

/// <summary>Tells receivers of events, and keeps what came of it.</summary>
public sealed class WebhookDelivery(
    WebhookStore webhooks,
    WebhookClient client,
    Outbox outbox,
    WebhookOptions options,
    [FromKeyedServices(MessagingModule.Connections)] NpgsqlDataSource database)
{
    private const string Due =
        $"""
        SELECT {EventDocument.Columns}, (e.data ->> 'portfolioId')::integer, w.url, w.secret, w.active, d.failures
        FROM work.webhook_delivery d
        JOIN work.webhook w ON w.webhook_id = d.webhook_id
        JOIN events.mt_events e ON e.seq_id = d.sequence
        WHERE d.delivery_id = $1 AND d.attempts = $2 AND d.state = 'pending'
        """;

    private const string Settled =
        """
        UPDATE work.webhook_delivery
        SET state = $3, attempts = attempts + 1, failures = $4, status_code = $5, error = $6,
            next_at = now() + $7::interval, delivered_at = CASE WHEN $3 = 'delivered' THEN now() END
        WHERE delivery_id = $1 AND attempts = $2 AND state = 'pending'
        """;

    private sealed record Request(Uri Url, string Secret, bool IsActive, int Failures, byte[] Body);

    /// <summary>Sends a webhook something that is no event, and keeps nothing of it.</summary>
    /// <returns>What came of it; null where there is no such webhook.</returns>
    public async Task<Answer?> Ping(Guid webhookId, CancellationToken cancel)
    {
        if (await webhooks.Find(webhookId, cancel) is not { } webhook
            || await webhooks.FindSecret(webhookId, cancel) is not { } secret)
        {
            return null;
        }
        return await client.Post(
            webhook.Url, secret, $"{Guid.CreateVersion7()}", """{"type":"ping"}"""u8.ToArray(), cancel);
    }

    /// <summary>
    /// Makes one request, and has the next one made where it has to be. Where the process ends in between the request
    /// is made again: receivers are told once or more.
    /// </summary>
    internal async Task Deliver(DeliverWebhook message, CancellationToken cancel)
    {
        if (await Find(message, cancel) is not { } request)
            return;
        var answer = request.IsActive
            ? await client.Post(request.Url, request.Secret, $"{message.DeliveryId}", request.Body, cancel)
            : new Answer(null, "The webhook is not active.");
        var isHopeless = !request.IsActive || answer.IsGone || request.Failures >= options.Waits.Count;
        var wait = answer.IsTaken || isHopeless ? (TimeSpan?)null
            : answer.RetryAfter is { } asked && asked > options.Waits[request.Failures] ? asked
            : options.Waits[request.Failures];
        await Settle(message, answer, answer.IsTaken ? 0 : request.Failures + 1, wait);
    }

    // What came of a request that was made is kept, even where the server stops meanwhile.
    private async Task Settle(DeliverWebhook message, Answer answer, int failures, TimeSpan? wait)
    {
        var state = answer.IsTaken ? DeliveryState.Delivered
            : wait is null ? DeliveryState.Dead : DeliveryState.Pending;
        await using var transaction = await outbox.Begin(CancellationToken.None);
        await using var command = transaction.Command(Settled);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = message.DeliveryId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = message.Attempt });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = state.Word() });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = failures });
        command.Parameters.Add(Nullable(answer.StatusCode, NpgsqlDbType.Integer));
        command.Parameters.Add(Nullable(answer.Error, NpgsqlDbType.Varchar));
        command.Parameters.Add(Nullable(wait, NpgsqlDbType.Interval));
        if (await command.ExecuteNonQueryAsync() == 0)
            return;
        if (wait is { } delay)
            await transaction.Send(message with { Attempt = message.Attempt + 1 }, delay);
        await transaction.Commit(CancellationToken.None);
    }

    private async Task<Request?> Find(DeliverWebhook message, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Due);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = message.DeliveryId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = message.Attempt });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
            return null;
        return new Request(
            new Uri(reader.GetString(11)), reader.GetString(12), reader.GetBoolean(13), reader.GetInt32(14),
            Body(reader));
    }

    private static byte[] Body(NpgsqlDataReader reader)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(bytes);
        EventDocument.Write(reader, json);
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    private static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) =>
        new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
