using Bifrost.Webhooks;

namespace Bifrost.Api.Webhooks;

/// <summary>Somebody who is told of events by requests to a URL.</summary>
public sealed record WebhookView
{
    public Guid WebhookId { get; init; }

    public string Url { get; init; } = "";

    /// <summary>The types of events; none for all.</summary>
    public IReadOnlyList<string> EventTypes { get; init; } = [];

    /// <summary>Only the events of this portfolio; null for all.</summary>
    public int? PortfolioId { get; init; }

    /// <summary>Who made it.</summary>
    public string Owner { get; init; } = "";

    public string? Description { get; init; }

    public bool Active { get; init; }

    /// <summary>It is told of what came behind this sequence.</summary>
    public long AfterSequence { get; init; }

    /// <summary>Deliveries that are still to be made.</summary>
    public long Pending { get; init; }

    /// <summary>Deliveries that were given up, to be retried or discarded.</summary>
    public long Dead { get; init; }

    public DateTime CreatedAt { get; init; }

    internal static WebhookView Of(Webhook webhook) => new()
    {
        WebhookId = webhook.WebhookId,
        Url = webhook.Url.AbsoluteUri,
        EventTypes = webhook.EventTypes,
        PortfolioId = webhook.PortfolioId,
        Owner = webhook.Owner,
        Description = webhook.Description,
        Active = webhook.IsActive,
        AfterSequence = webhook.AfterSequence,
        Pending = webhook.Pending,
        Dead = webhook.Dead,
        CreatedAt = webhook.CreatedAt.UtcDateTime,
    };
}

/// <summary>A webhook that was made.</summary>
/// <param name="Secret">What its receiver verifies requests with. It is not shown again.</param>
public sealed record NewWebhookView(WebhookView Webhook, string Secret);

/// <summary>Who is to be told of what.</summary>
public sealed record CreateWebhookRequest
{
    /// <summary>An http or https URL.</summary>
    public string? Url { get; init; }

    /// <summary>Types of events, such as order_executed; none for all.</summary>
    public IReadOnlyList<string>? EventTypes { get; init; }

    /// <summary>Only the events of this portfolio; null for all.</summary>
    public int? PortfolioId { get; init; }

    public string? Description { get; init; }
}

/// <summary>What is to be different; what is left out stays.</summary>
public sealed record ChangeWebhookRequest
{
    public string? Url { get; init; }

    public IReadOnlyList<string>? EventTypes { get; init; }

    public string? Description { get; init; }

    /// <summary>false for nothing more until it is true again; what comes in between is not told.</summary>
    public bool? Active { get; init; }
}

/// <summary>What is to be told again.</summary>
public sealed record ReplayWebhookRequest
{
    /// <summary>The first sequence.</summary>
    public long? From { get; init; }

    /// <summary>The last sequence; the last there is where nothing is said.</summary>
    public long? To { get; init; }
}

/// <summary>What came of a request that was made now.</summary>
public sealed record PingView(int? StatusCode, string? Error);

/// <summary>One event that a webhook is told of.</summary>
public sealed record DeliveryView
{
    /// <summary>The header webhook-id.</summary>
    public Guid DeliveryId { get; init; }

    public long Sequence { get; init; }

    /// <summary>pending, delivered or dead.</summary>
    public string State { get; init; } = "";

    /// <summary>The job that has it told again; null the first time.</summary>
    public Guid? ReplayJob { get; init; }

    public int Attempts { get; init; }

    /// <summary>Of the last answer; null where none came.</summary>
    public int? StatusCode { get; init; }

    /// <summary>What was wrong the last time.</summary>
    public string? Error { get; init; }

    /// <summary>When the next request is made; null for at once, or for none.</summary>
    public DateTime? NextAt { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime? DeliveredAt { get; init; }

    internal static DeliveryView Of(Delivery delivery) => new()
    {
        DeliveryId = delivery.DeliveryId,
        Sequence = delivery.Sequence,
        State = delivery.State.Word(),
        ReplayJob = delivery.ReplayJob,
        Attempts = delivery.Attempts,
        StatusCode = delivery.StatusCode,
        Error = delivery.Error,
        NextAt = delivery.NextAt?.UtcDateTime,
        CreatedAt = delivery.CreatedAt.UtcDateTime,
        DeliveredAt = delivery.DeliveredAt?.UtcDateTime,
    };
}
