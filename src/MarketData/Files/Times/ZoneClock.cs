using System.Text;
using NodaTime;
using NodaTime.TimeZones;

namespace Bifrost.MarketData.Files.Times;

/// <summary>The clock of a time zone. Times are ticks since 0001-01-01.</summary>
internal sealed class ZoneClock
{
    private readonly DateTimeZone zone;

    // Local times for which the offset is known, between two changes of the clock.
    private long from = long.MaxValue;
    private long until = long.MinValue;
    private long ahead;

    private ZoneClock(DateTimeZone zone) => this.zone = zone;

    /// <param name="name">Of the IANA database, or an offset such as +01:00; UTC where it is null.</param>
    public static ZoneClock Of(string? name)
    {
        if (name is null)
            return new ZoneClock(DateTimeZone.Utc);
        if (ClockText.TryOffset(Encoding.UTF8.GetBytes(name), out var ahead))
            return new ZoneClock(DateTimeZone.ForOffset(Offset.FromTicks(ahead)));
        return new ZoneClock(DateTimeZoneProviders.Tzdb.GetZoneOrNull(name)
            ?? throw new UnreadableBarsException(
                $"The time zone '{name}' is unknown: give one such as Europe/Berlin, or an offset such as +01:00.",
                BarSetting.TimeZone));
    }

    /// <summary>
    /// The instant of a local time; where the clock was put back over the time, the earlier of its two and the later.
    /// </summary>
    /// <returns>False where the clock was put forward over the time.</returns>
    public bool TryUtc(long local, out long utc, out long later)
    {
        if (local < from || local >= until)
            return TryMap(local, out utc, out later);
        utc = later = local - ahead;
        return true;
    }

    public long Local(long utc) =>
        utc + zone.GetUtcOffset(Instant.FromDateTimeUtc(new DateTime(utc, DateTimeKind.Utc))).Ticks;

    private bool TryMap(long local, out long utc, out long later)
    {
        (utc, later) = (0, 0);
        var mapping = zone.MapLocal(LocalDateTime.FromDateTime(new DateTime(local)));
        if (mapping.Count == 0)
            return false;
        utc = local - mapping.EarlyInterval.WallOffset.Ticks;
        later = local - mapping.LateInterval.WallOffset.Ticks;
        if (mapping.Count == 1)
        {
            ahead = mapping.EarlyInterval.WallOffset.Ticks;
            (from, until) = Certain(mapping.EarlyInterval);
        }
        return true;
    }

    // What comes twice is in the interval before as well, or in the one behind.
    private (long From, long Until) Certain(ZoneInterval interval)
    {
        var (start, end) = (long.MinValue, long.MaxValue);
        if (interval.HasStart)
        {
            var before = zone.GetZoneInterval(interval.Start - Duration.Epsilon);
            start = Math.Max(Ticks(interval.IsoLocalStart), Ticks(before.IsoLocalEnd));
        }
        if (interval.HasEnd)
        {
            var behind = zone.GetZoneInterval(interval.End);
            end = Math.Min(Ticks(interval.IsoLocalEnd), Ticks(behind.IsoLocalStart));
        }
        return (start, end);
    }

    private static long Ticks(LocalDateTime time) => time.ToDateTimeUnspecified().Ticks;
}
