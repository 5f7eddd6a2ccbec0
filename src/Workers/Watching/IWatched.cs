using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Watching;

/// <summary>Something that may stand still or fall behind without anybody being told of it by an error.</summary>
public interface IWatched
{
    /// <summary>How it is now, from what is known already: nothing is read for it.</summary>
    Condition Look();
}

/// <summary>How something watched is.</summary>
/// <param name="Name">Lower case; by it health, meters and logs call it.</param>
/// <param name="Age">What of it waits, or is behind, has done so for so long.</param>
/// <param name="Problem">What is wrong, in a sentence; null where nothing is.</param>
public sealed record Condition(string Name, TimeSpan Age, string? Problem)
{
    /// <summary>How loudly a problem is logged when it begins.</summary>
    public LogLevel Level { get; init; } = LogLevel.Warning;
}

/// <summary>How long each may take before it is said that something is wrong.</summary>
public sealed record WatchLimits
{
    /// <summary>A commit under way.</summary>
    public TimeSpan Commits { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Since the signer of anchors last had nothing left to sign.</summary>
    public TimeSpan Anchoring { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Since all tables were last compared with the log.</summary>
    public TimeSpan Verification { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The oldest event that a follower has not handled.</summary>
    public TimeSpan Followers { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The oldest request to a webhook that is due and was not made.</summary>
    public TimeSpan Webhooks { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A worker that fails and is tried again.</summary>
    public TimeSpan Workers { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Megabytes that are to be free where anchors are kept.</summary>
    public double FreeMegabytes { get; init; } = 500;

    /// <summary>How long a session of a module may hold up a commit before it is ended.</summary>
    public TimeSpan Holding { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a session of a module may do nothing within a transaction before it is ended.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a transaction of a module may be open before its session is ended.</summary>
    public TimeSpan Transactions { get; init; } = TimeSpan.FromHours(2);

    /// <summary>The names by which limits are configured.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "commits", "anchoring", "verification", "followers", "webhooks", "workers", "holding", "idle", "transactions",
        "disk",
    ];

    /// <param name="amount">Seconds; of disk megabytes.</param>
    /// <returns>Null where there is no limit of the name.</returns>
    public WatchLimits? With(string name, double amount) => name switch
    {
        "commits" => this with { Commits = TimeSpan.FromSeconds(amount) },
        "anchoring" => this with { Anchoring = TimeSpan.FromSeconds(amount) },
        "verification" => this with { Verification = TimeSpan.FromSeconds(amount) },
        "followers" => this with { Followers = TimeSpan.FromSeconds(amount) },
        "webhooks" => this with { Webhooks = TimeSpan.FromSeconds(amount) },
        "workers" => this with { Workers = TimeSpan.FromSeconds(amount) },
        "holding" => this with { Holding = TimeSpan.FromSeconds(amount) },
        "idle" => this with { Idle = TimeSpan.FromSeconds(amount) },
        "transactions" => this with { Transactions = TimeSpan.FromSeconds(amount) },
        "disk" => this with { FreeMegabytes = amount },
        _ => null,
    };
}
