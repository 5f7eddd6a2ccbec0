namespace Bifrost.MarketData.Bars;

/// <summary>The intervals that bars are stored by, each in a table of its own.</summary>
public enum BarInterval
{
    /// <summary>
    /// A minute. Finer and coarser bars of a day, such as those of five minutes, are stored with them.
    /// </summary>
    Min,

    Hour,

    Day,
}

public static class BarIntervals
{
    public static TimeSpan Length(this BarInterval interval) => interval switch
    {
        BarInterval.Min => TimeSpan.FromMinutes(1),
        BarInterval.Hour => TimeSpan.FromHours(1),
        BarInterval.Day => TimeSpan.FromDays(1),
        _ => throw new ArgumentOutOfRangeException(nameof(interval)),
    };

    /// <summary>As it stands in the names of tables and in requests.</summary>
    public static string Word(this BarInterval interval) => interval switch
    {
        BarInterval.Min => "min",
        BarInterval.Hour => "hour",
        BarInterval.Day => "day",
        _ => throw new ArgumentOutOfRangeException(nameof(interval)),
    };

    public static string Table(this BarInterval interval) => $"market_stock_hist_bars_{interval.Word()}_ts";
}
