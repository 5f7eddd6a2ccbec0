namespace Bifrost.MarketData.Files.Times;

internal enum MomentKind : byte
{
    /// <summary>A date without a time of day.</summary>
    Date,

    /// <summary>A date and a time on a clock somewhere.</summary>
    Local,

    /// <summary>A date and a time, and how far they are ahead of UTC.</summary>
    Offset,

    /// <summary>A number of seconds since 1970, here as a date and a time in UTC.</summary>
    Epoch,
}

/// <summary>A time as it is written.</summary>
/// <param name="Day">Days since 0001-01-01.</param>
/// <param name="TimeOfDay">In ticks. A whole day is the midnight that ends it.</param>
/// <param name="Ahead">Ticks ahead of UTC.</param>
internal readonly record struct Moment(MomentKind Kind, int Day, long TimeOfDay, long Ahead)
{
    /// <summary>Ticks of what is written, whatever clock it is on.</summary>
    public long Ticks => Day * TimeSpan.TicksPerDay + TimeOfDay;

    public static Moment At(int day, ClockTime time) =>
        new(time.Ahead is null ? MomentKind.Local : MomentKind.Offset, day, time.Ticks, time.Ahead ?? 0);
}

/// <summary>What the sample of a file told of how its times are written.</summary>
internal sealed record TimeForms
{
    /// <summary>Null where nothing tells: then a date that could be two is no date.</summary>
    public DateOrder? Order { get; init; }

    /// <summary>The century of years with two digits is the last one in which they are not after this year.</summary>
    public int LatestYear { get; init; } = 2049;

    /// <summary>Of all numbers of the file; null where each number tells its own by its size.</summary>
    public EpochUnit? Unit { get; init; }
}
