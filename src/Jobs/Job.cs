using System.Text.Json;

namespace Bifrost.Jobs;

/// <summary>Where a job is.</summary>
public enum JobState
{
    /// <summary>It waits for a node, for the first time or again.</summary>
    Queued,

    Running,
    Succeeded,

    /// <summary>It ended with a problem, and stays until somebody has it retried or discards it.</summary>
    Failed,

    Cancelled,
}

public static class JobStates
{
    /// <summary>The words of the states, in the order of <see cref="JobState"/>.</summary>
    public static IReadOnlyList<string> Words { get; } =
        [.. Enum.GetNames<JobState>().Select(name => name.ToLowerInvariant())];

    public static string Word(this JobState state) => Words[(int)state];

    public static bool IsEnded(this JobState state) => state is not (JobState.Queued or JobState.Running);

    internal static JobState Read(string word) => Enum.Parse<JobState>(word, ignoreCase: true);
}

/// <summary>Long work that was asked for, and how far it is.</summary>
/// <param name="JobId">A version 7 UUID: jobs sort by when they were asked for.</param>
/// <param name="Owner">Who asked for it.</param>
public sealed record Job(Guid JobId, string Kind, JsonElement Arguments, string Owner, JobState State)
{
    /// <summary>The schedule that asked for it; null for none.</summary>
    public string? Schedule { get; init; }

    /// <summary>How often it was begun.</summary>
    public int Attempt { get; init; }

    /// <summary>The node that works on it, or did last.</summary>
    public string? Node { get; init; }

    /// <summary>What it is at, in words.</summary>
    public string? Stage { get; init; }

    /// <summary>How many of <see cref="Total"/> of its stage are done.</summary>
    public long? Done { get; init; }

    public long? Total { get; init; }

    /// <summary>Whether it was told to stop and has not yet.</summary>
    public bool IsCancelRequested { get; init; }

    /// <summary>What came of it; null until it has succeeded, and where there is nothing to say.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why it failed, or is tried again; null where all went well.</summary>
    public string? Problem { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}

/// <summary>A job that is asked for.</summary>
/// <param name="RequestKey">Asked for again by its owner with the same key, it is the same job; null for none.</param>
public sealed record JobRequest(string Kind, JsonElement Arguments, string Owner, string? RequestKey = null)
{
    /// <summary>The schedule that asks for it; null for none.</summary>
    public string? Schedule { get; init; }
}
