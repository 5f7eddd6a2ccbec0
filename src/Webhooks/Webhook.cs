using System.Security.Cryptography;

namespace Bifrost.Webhooks;

/// <summary>Somebody wants to be told of events by requests to a URL.</summary>
/// <param name="WebhookId">A version 7 UUID.</param>
/// <param name="EventTypes">The types of events, as they are stored; none for all.</param>
/// <param name="PortfolioId">Only the events of this portfolio; null for all.</param>
public sealed record Webhook(Guid WebhookId, Uri Url, IReadOnlyList<string> EventTypes, int? PortfolioId)
{
    /// <summary>Who made it.</summary>
    public string Owner { get; init; } = "";

    public string? Description { get; init; }

    /// <summary>Whether it is told of what happens from now on.</summary>
    public bool IsActive { get; init; } = true;

    /// <summary>It is told of what came behind this sequence.</summary>
    public long AfterSequence { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Deliveries that were given up.</summary>
    public long Dead { get; init; }

    /// <summary>Deliveries that are still to be made.</summary>
    public long Pending { get; init; }
}

/// <summary>What is to be different about a webhook; what is null stays.</summary>
public sealed record WebhookChange(Uri? Url, IReadOnlyList<string>? EventTypes, string? Description, bool? IsActive);

/// <summary>Where a delivery is.</summary>
public enum DeliveryState
{
    Pending,
    Delivered,

    /// <summary>It was given up, and stays until somebody has it retried or discards it.</summary>
    Dead,
}

/// <summary>One event that a webhook is told of, and what has become of it.</summary>
public sealed record Delivery(Guid DeliveryId, Guid WebhookId, long Sequence, DeliveryState State)
{
    /// <summary>The job that has the event told again; null the first time.</summary>
    public Guid? ReplayJob { get; init; }

    /// <summary>Requests that were made.</summary>
    public int Attempts { get; init; }

    /// <summary>Of the last answer; null where none came.</summary>
    public int? StatusCode { get; init; }

    /// <summary>What was wrong with the last request; null where nothing was.</summary>
    public string? Error { get; init; }

    /// <summary>When the next request is made; null for at once, or for none.</summary>
    public DateTimeOffset? NextAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }
}

/// <summary>What the receiver of a webhook verifies requests with, as Standard Webhooks has it.</summary>
public static class WebhookSecret
{
    private const string Prefix = "whsec_";

    private const int Bytes = 32;

    public static string Create() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>The value of the header webhook-signature.</summary>
    /// <param name="id">The value of webhook-id.</param>
    /// <param name="timestamp">The value of webhook-timestamp: seconds since 1970.</param>
    public static string Sign(string secret, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(
            HashAlgorithmName.SHA256, Convert.FromBase64String(secret[Prefix.Length..]));
        mac.AppendData(System.Text.Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        mac.AppendData(body);
        return $"v1,{Convert.ToBase64String(mac.GetHashAndReset())}";
    }
}
