namespace Bifrost.MarketData.Bars;

/// <summary>The periods that bars are rolled up and looked over by.</summary>
public static class BarPeriods
{
    /// <summary>The day, in UTC, of minutes and hours; the Monday of the week of daily bars.</summary>
    public static DateOnly Of(BarInterval interval, DateTime time)
    {
        var day = DateOnly.FromDateTime(time);
        return interval == BarInterval.Day ? Week(day) : day;
    }

    public static DateOnly Week(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
}
