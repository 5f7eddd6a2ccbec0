using Bifrost.MarketData.Bars;

namespace Bifrost.MarketData.Files.Times;

/// <summary>Says when a bar began from the time that a file gives it.</summary>
internal sealed class BarClock
{
    // PostgreSQL keeps microseconds.
    private const long Finest = TimeSpan.TicksPerMicrosecond;

    private readonly BarInterval interval;
    private readonly ZoneClock zone;
    private readonly string zoneName;
    private readonly long before;

    public BarClock(BarFileOptions options)
    {
        if (options is { Interval: BarInterval.Day, LabelsAtEnd: true })
            throw new UnreadableBarsException(
                "Daily bars are labelled with the date of their session, not with its end: leave the end labels out.");
        interval = options.Interval;
        zone = ZoneClock.Of(options.TimeZone);
        zoneName = options.TimeZone ?? "UTC";
        before = options.LabelsAtEnd ? (options.BarLength ?? interval.Length()).Ticks : 0;
    }

    /// <param name="ticks">Of the bar's beginning, in UTC; of its session's date for a day.</param>
    /// <returns>What is wrong with the time, to follow it in a sentence; null where nothing is.</returns>
    public string? Resolve(in Moment moment, out long ticks)
    {
        ticks = moment.Ticks;
        var fault = IsInRange(ticks) ? Begin(moment, ref ticks) : null;
        return fault is null && !IsInRange(ticks) ? "lies before the year 1 or after the year 9999" : fault;
    }

    private string? Begin(in Moment moment, ref long ticks)
    {
        if (interval == BarInterval.Day)
        {
            var date = moment.Kind == MomentKind.Epoch ? zone.Local(ticks) : moment.Day * TimeSpan.TicksPerDay;
            ticks = date - date % TimeSpan.TicksPerDay;
            return null;
        }
        if (moment.Kind == MomentKind.Date)
            return $"has no time of day, which is needed for {(interval == BarInterval.Min ? "minute" : "hour")} bars";
        if (moment.Kind == MomentKind.Local && !zone.TryUtc(moment.Ticks, out ticks))
            return $"does not exist in {zoneName}, where the clock was put forward over it";
        ticks -= moment.Ahead + before;
        ticks -= ticks % Finest;
        return null;
    }

    private static bool IsInRange(long ticks) => ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;
}
