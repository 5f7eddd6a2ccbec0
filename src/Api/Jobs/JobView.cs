using Bifrost.Api.Http;
using Bifrost.Jobs;

namespace Bifrost.Api.Jobs;

/// <summary>Long work that was asked for, and how far it is.</summary>
public sealed record JobView
{
    public Guid JobId { get; init; }

    public string Kind { get; init; } = "";

    public RawJson Arguments { get; init; }

    /// <summary>Who asked for it.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The schedule that asked for it.</summary>
    public string? Schedule { get; init; }

    /// <summary>queued, running, succeeded, failed or cancelled.</summary>
    public string State { get; init; } = "";

    /// <summary>How often it was begun.</summary>
    public int Attempt { get; init; }

    /// <summary>The node that works on it, or did last.</summary>
    public string? Node { get; init; }

    /// <summary>What it is at.</summary>
    public string? Stage { get; init; }

    /// <summary>How many of <c>total</c> of its stage are done.</summary>
    public long? Done { get; init; }

    public long? Total { get; init; }

    /// <summary>Whether it was told to stop and has not yet.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>What came of it.</summary>
    public RawJson? Result { get; init; }

    /// <summary>Why it failed, or is tried again.</summary>
    public string? Problem { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime? StartedAt { get; init; }

    public DateTime UpdatedAt { get; init; }

    public DateTime? FinishedAt { get; init; }

    internal static JobView Of(Job job) => new()
    {
        JobId = job.JobId,
        Kind = job.Kind,
        Arguments = new RawJson(job.Arguments.GetRawText()),
        Owner = job.Owner,
        Schedule = job.Schedule,
        State = job.State.Word(),
        Attempt = job.Attempt,
        Node = job.Node,
        Stage = job.Stage,
        Done = job.Done,
        Total = job.Total,
        CancelRequested = job.IsCancelRequested,
        Result = job.Result is { } result ? new RawJson(result.GetRawText()) : null,
        Problem = job.Problem,
        CreatedAt = job.CreatedAt.UtcDateTime,
        StartedAt = job.StartedAt?.UtcDateTime,
        UpdatedAt = job.UpdatedAt.UtcDateTime,
        FinishedAt = job.FinishedAt?.UtcDateTime,
    };
}

/// <summary>A kind of jobs, and what a job of it takes.</summary>
public sealed record JobKindView(string Kind, string Description, bool TakesContent);

/// <summary>A job that is asked for.</summary>
public sealed record StartJobRequest
{
    public string? Kind { get; init; }

    /// <summary>What the kind takes; GET /api/jobs/kinds tells.</summary>
    public RawJson? Arguments { get; init; }
}

/// <summary>A job that is asked for at times of the clock.</summary>
public sealed record ScheduleView
{
    public string Name { get; init; } = "";

    public string Kind { get; init; } = "";

    public RawJson Arguments { get; init; }

    /// <summary>Minute, hour, day of month, month and day of week.</summary>
    public string Cron { get; init; } = "";

    /// <summary>The IANA name of the time zone in which they are meant.</summary>
    public string Zone { get; init; } = "";

    public string Owner { get; init; } = "";

    /// <summary>When it is due next; null for never.</summary>
    public DateTime? NextAt { get; init; }

    public DateTime? LastAt { get; init; }

    public Guid? LastJob { get; init; }

    /// <summary>How often it was passed over because the job of the time before had not ended.</summary>
    public long Skipped { get; init; }

    internal static ScheduleView Of(Schedule schedule) => new()
    {
        Name = schedule.Name,
        Kind = schedule.Kind,
        Arguments = new RawJson(schedule.Arguments.GetRawText()),
        Cron = schedule.Cron,
        Zone = schedule.Zone,
        Owner = schedule.Owner,
        NextAt = schedule.NextAt?.UtcDateTime,
        LastAt = schedule.LastAt?.UtcDateTime,
        LastJob = schedule.LastJob,
        Skipped = schedule.Skipped,
    };
}

/// <summary>What a schedule is to be.</summary>
public sealed record SetScheduleRequest
{
    public string? Kind { get; init; }

    public RawJson? Arguments { get; init; }

    public string? Cron { get; init; }

    /// <summary>The IANA name of a time zone; UTC where nothing is said.</summary>
    public string? Zone { get; init; }
}
