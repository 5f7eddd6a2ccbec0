namespace Bifrost.Webhooks;

/// <summary>How webhooks are told.</summary>
public sealed record WebhookOptions
{
    /// <summary>Whether private addresses may be called: those of this machine and of the network it is in.</summary>
    public bool AllowsPrivate { get; init; }

    /// <summary>What is waited behind each failure in a row; after the last one the delivery is given up.</summary>
    public IReadOnlyList<TimeSpan> Waits { get; init; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10),
        TimeSpan.FromHours(1), TimeSpan.FromHours(6), TimeSpan.FromHours(24),
    ];

    /// <summary>How long a receiver may take to answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
