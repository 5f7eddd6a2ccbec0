namespace Bifrost.MarketData.Files.Times;

/// <summary>What numbers count since 1970, from the coarsest to the finest.</summary>
internal enum EpochUnit
{
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

internal static class EpochUnits
{
    // In seconds, this many are the year 5138; in milliseconds, 1973.
    private const decimal MostSeconds = 100_000_000_000m;

    private static readonly decimal[] Limits =
        [MostSeconds, MostSeconds * 1_000, MostSeconds * 1_000_000, MostSeconds * 1_000_000_000];

    private static readonly decimal[] TicksOfOne = [TimeSpan.TicksPerSecond, TimeSpan.TicksPerMillisecond, 10, 0.01m];

    /// <summary>The coarsest unit in which the number is a year that people count in; null where none is.</summary>
    public static EpochUnit? Of(decimal number)
    {
        var unit = Array.FindIndex(Limits, limit => Math.Abs(number) < limit);
        return unit < 0 ? null : (EpochUnit)unit;
    }

    /// <summary>Ticks since the year 1; null before or after the years that a date has.</summary>
    public static long? Ticks(decimal number, EpochUnit unit)
    {
        var ticks = decimal.Floor(number * TicksOfOne[(int)unit]) + DateTime.UnixEpoch.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? (long)ticks : null;
    }
}
