using Bifrost.MarketData.Bars;

namespace Bifrost.MarketData.Files.Times;

/// <summary>When a bar began.</summary>
/// <param name="Ticks">In UTC; of a time that a clock showed twice, the first time.</param>
/// <param name="Later">The second time; the same where there is no other.</param>
internal readonly record struct Beginning(long Ticks, long Later);

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
                "Daily bars are labelled with the date of their session, not with its end: leave the end labels out.",
                BarSetting.Labels);
        interval = options.Interval;
        zone = ZoneClock.Of(options.TimeZone);
        zoneName = options.TimeZone ?? "UTC";
        before = options.LabelsAtEnd ? (options.BarLength ?? interval.Length()).Ticks : 0;
    }

    /// <param name="begins">The bar's beginning, in UTC; its session's date for a day.</param>
    /// <returns>What is wrong with the time, to follow it in a sentence; null where nothing is.</returns>
    public string? Resolve(in Moment moment, out Beginning begins)
    {
        begins = new Beginning(moment.Ticks, moment.Ticks);
        var fault = IsInRange(moment.Ticks) ? Begin(moment, out begins) : null;
        return fault is null && !(IsInRange(begins.Ticks) && IsInRange(begins.Later))
            ? "lies before the year 1 or after the year 9999"
            : fault;
    }

    private string? Begin(in Moment moment, out Beginning begins)
    {
        var ticks = moment.Ticks;
        var later = ticks;
        begins = default;
        if (interval == BarInterval.Day)
        {
            var date = moment.Kind == MomentKind.Epoch ? zone.Local(ticks) : moment.Day * TimeSpan.TicksPerDay;
            date -= date % TimeSpan.TicksPerDay;
            begins = new Beginning(date, date);
            return null;
        }
        if (moment.Kind == MomentKind.Date)
            return $"has no time of day, which is needed for {(interval == BarInterval.Min ? "minute" : "hour")} bars";
        if (moment.Kind == MomentKind.Local && !zone.TryUtc(moment.Ticks, out ticks, out later))
            return $"does not exist in {zoneName}, where the clock was put forward over it";
        if (moment.Kind != MomentKind.Local)
            later = ticks;
        begins = new Beginning(Cut(ticks - moment.Ahead - before), Cut(later - moment.Ahead - before));
        return null;
    }

    private static long Cut(long ticks) => ticks - ticks % Finest;

    private static bool IsInRange(long ticks) => ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;
}
