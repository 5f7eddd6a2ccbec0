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
                $"The time zone '{name}' is unknown: give one such as Europe/Berlin, or an offset such as +01:00."));
    }

    /// <summary>The earlier one of two instants; false where the clock was put forward over the time.</summary>
    public bool TryUtc(long local, out long utc)
    {
        if ((local < from || local >= until) && !TryInterval(local))
        {
            utc = 0;
            return false;
        }
        utc = local - ahead;
        return true;
    }

    public long Local(long utc) =>
        utc + zone.GetUtcOffset(Instant.FromDateTimeUtc(new DateTime(utc, DateTimeKind.Utc))).Ticks;

    private bool TryInterval(long local)
    {
        var mapping = zone.MapLocal(LocalDateTime.FromDateTime(new DateTime(local)));
        if (mapping.Count == 0)
            return false;
        var interval = mapping.EarlyInterval;
        ahead = interval.WallOffset.Ticks;
        (from, until) = Certain(interval);
        return true;
    }

    // A time that comes twice belongs to the interval before: to this one at its end, but not at its beginning. No
    // change of a clock is more than a day.
    private static (long From, long Until) Certain(ZoneInterval interval) => (
        interval.HasStart ? Ticks(interval.IsoLocalStart) + TimeSpan.TicksPerDay : long.MinValue,
        interval.HasEnd ? Ticks(interval.IsoLocalEnd) : long.MaxValue);

    private static long Ticks(LocalDateTime time) => time.ToDateTimeUnspecified().Ticks;
}
