using System.Text.Json;
using Cronos;

namespace Bifrost.Jobs;

/// <summary>A job that is asked for at times of the clock.</summary>
/// <param name="Cron">
/// Minute, hour, day of month, month and day of week, as cron has them, or a word such as @daily.
/// </param>
/// <param name="Zone">The IANA name of the time zone in which they are meant.</param>
/// <param name="Owner">Who made the schedule; its jobs are theirs.</param>
public sealed record Schedule(string Name, string Kind, JsonElement Arguments, string Cron, string Zone, string Owner)
{
    /// <summary>When it is due next; null where that is never.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>When it was due last and its job was asked for; null where that has not been.</summary>
    public DateTimeOffset? LastAt { get; init; }

    public Guid? LastJob { get; init; }

    /// <summary>How often it was passed over because the job of the time before had not ended.</summary>
    public long Skipped { get; init; }
}

/// <summary>When schedules are due.</summary>
public static class CronTimes
{
    /// <summary>
    /// The first moment after another that an expression names in a zone; null for never. A time that a change of the
    /// clocks leaves out is the moment of the change; one that it brings twice is the first of both.
    /// </summary>
    /// <exception cref="JobRefusedException">The expression or the zone cannot be understood.</exception>
    public static DateTimeOffset? Next(string cron, string zone, DateTimeOffset after)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var place) || !place.HasIanaId)
            throw new JobRefusedException($"'{zone}' is no time zone: name one as IANA does, such as Europe/Berlin.");
        try
        {
            return CronExpression.Parse(cron).GetNextOccurrence(after, place);
        }
        catch (CronFormatException e)
        {
            throw new JobRefusedException(
                $"'{cron}' is no schedule: minute, hour, day of month, month and day of week are expected, such as "
                + $"30 6 * * MON-FRI. {e.Message}");
        }
    }
}
