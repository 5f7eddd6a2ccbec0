using Bifrost.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;

namespace Bifrost.Webhooks;

/// <summary>The webhooks there are.</summary>
public sealed class WebhookStore([FromKeyedServices(MessagingModule.Connections)] NpgsqlDataSource database)
{
    private const string Columns =
        """
        w.webhook_id, w.url, w.event_types, w.portfolio_id, w.owner, w.description, w.active, w.after_sequence,
        w.created_at,
        (SELECT count(*) FROM work.webhook_delivery d WHERE d.webhook_id = w.webhook_id AND d.state = 'dead'),
        (SELECT count(*) FROM work.webhook_delivery d WHERE d.webhook_id = w.webhook_id AND d.state = 'pending')
        """;

    private const string All = $"SELECT {Columns} FROM work.webhook w ORDER BY w.webhook_id";

    private const string One = $"SELECT {Columns} FROM work.webhook w WHERE w.webhook_id = $1";

    // Whoever reads which webhooks there are waits until the log's end was read for a new one, and the other way round:
    // else events could be handled, without it, between its reading and its commit.
    private const string Exclusively = "LOCK TABLE work.webhook IN SHARE ROW EXCLUSIVE MODE";

    private const string Insert =
        """
        INSERT INTO work.webhook
            (webhook_id, url, event_types, portfolio_id, owner, description, secret, after_sequence)
        VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT coalesce(max(seq_id), 0) FROM events.mt_events))
        """;

    // One that was not active is told of what comes behind this moment.
    private const string Update =
        """
        UPDATE work.webhook SET
            url = coalesce($2, url), event_types = coalesce($3, event_types),
            description = coalesce($4, description), active = coalesce($5, active),
            after_sequence = CASE WHEN $5 AND NOT active
                THEN (SELECT coalesce(max(seq_id), 0) FROM events.mt_events) ELSE after_sequence END
        WHERE webhook_id = $1
        """;

    private const string Remove = "DELETE FROM work.webhook WHERE webhook_id = $1";

    private const string Secret = "SELECT secret FROM work.webhook WHERE webhook_id = $1";

    private const string Together = "LOCK TABLE work.webhook IN SHARE MODE";

    private const string Earliest = "SELECT min(after_sequence) FROM work.webhook WHERE active";

    public async Task<List<Webhook>> List(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(All);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var webhooks = new List<Webhook>();
        while (await reader.ReadAsync(cancel))
            webhooks.Add(Read(reader));
        return webhooks;
    }

    public async Task<Webhook?> Find(Guid webhookId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(One);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhookId });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? Read(reader) : null;
    }

    /// <summary>Makes a webhook; it is told of what is committed from now on.</summary>
    /// <returns>The webhook as it is now, and its secret.</returns>
    public async Task<(Webhook Webhook, string Secret)> Create(Webhook webhook, CancellationToken cancel)
    {
        var secret = WebhookSecret.Create();
        await Locked(Exclusively, async connection =>
        {
            await using var command = new NpgsqlCommand(Insert, connection);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhook.WebhookId });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = webhook.Url.AbsoluteUri });
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. webhook.EventTypes] });
            command.Parameters.Add(Nullable(webhook.PortfolioId, NpgsqlDbType.Integer));
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = webhook.Owner });
            command.Parameters.Add(Nullable(webhook.Description, NpgsqlDbType.Varchar));
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = secret });
            return await command.ExecuteNonQueryAsync(cancel);
        }, cancel);
        return ((await Find(webhook.WebhookId, cancel))!, secret);
    }

    /// <returns>The webhook as it is now; null where there is none.</returns>
    public async Task<Webhook?> Change(Guid webhookId, WebhookChange change, CancellationToken cancel)
    {
        await Locked(Exclusively, async connection =>
        {
            await using var command = new NpgsqlCommand(Update, connection);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhookId });
            command.Parameters.Add(Nullable(change.Url?.AbsoluteUri, NpgsqlDbType.Varchar));
            command.Parameters.Add(Nullable(change.EventTypes?.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text));
            command.Parameters.Add(Nullable(change.Description, NpgsqlDbType.Varchar));
            command.Parameters.Add(Nullable(change.IsActive, NpgsqlDbType.Boolean));
            return await command.ExecuteNonQueryAsync(cancel);
        }, cancel);
        return await Find(webhookId, cancel);
    }

    /// <summary>Removes a webhook with its deliveries.</summary>
    /// <returns>False where there is none.</returns>
    public async Task<bool> Delete(Guid webhookId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Remove);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhookId });
        return await command.ExecuteNonQueryAsync(cancel) > 0;
    }

    internal async Task<string?> FindSecret(Guid webhookId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Secret);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhookId });
        return (string?)await command.ExecuteScalarAsync(cancel);
    }

    /// <summary>Behind which sequence events are wanted; null where no webhook is active.</summary>
    internal Task<long?> WantedAfter(CancellationToken cancel) => Locked(Together, async connection =>
    {
        await using var command = new NpgsqlCommand(Earliest, connection);
        return await command.ExecuteScalarAsync(cancel) as long?;
    }, cancel);

    /// <summary>Reads while no webhook is made or changed.</summary>
    internal Task<T> Stable<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancel) =>
        Locked(Together, read, cancel);

    private async Task<T> Locked<T>(string sql, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var command = new NpgsqlCommand(sql, connection))
            await command.ExecuteNonQueryAsync(cancel);
        var result = await work(connection);
        await transaction.CommitAsync(cancel);
        return result;
    }

    private static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) =>
        new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    private static Webhook Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        new Uri(reader.GetString(1)),
        reader.GetFieldValue<string[]>(2),
        reader.IsDBNull(3) ? null : reader.GetInt32(3))
    {
        Owner = reader.GetString(4),
        Description = reader.IsDBNull(5) ? null : reader.GetString(5),
        IsActive = reader.GetBoolean(6),
        AfterSequence = reader.GetInt64(7),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(8),
        Dead = reader.GetInt64(9),
        Pending = reader.GetInt64(10),
    };
}
