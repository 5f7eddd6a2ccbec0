using Bifrost.MarketData.Bars;

namespace Bifrost.MarketData.Files;

/// <summary>The order of numbers in a date such as 1/2/1990.</summary>
public enum DateOrder
{
    MonthDayYear,
    DayMonthYear,
}

/// <summary>What a file does not say of itself.</summary>
public sealed record BarFileOptions
{
    public required BarInterval Interval { get; init; }

    /// <summary>The symbol of all rows; null where a column names it.</summary>
    public string? Symbol { get; init; }

    /// <summary>
    /// An IANA time zone such as Europe/Berlin, or a fixed offset such as +01:00, for times that carry no offset; UTC
    /// where it is null.
    /// </summary>
    public string? TimeZone { get; init; }

    /// <summary>Times say when a bar ended, not when it began.</summary>
    public bool LabelsAtEnd { get; init; }

    /// <summary>
    /// How long a bar is, to get from its end to its beginning; the interval's length where it is null.
    /// </summary>
    public TimeSpan? BarLength { get; init; }

    /// <summary>Null finds it out from the file, which is refused where nothing tells.</summary>
    public DateOrder? DateOrder { get; init; }

    /// <summary>Names for the columns of a file without a header line; null reads the header.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Rows of a batch.</summary>
    public int BatchRows { get; init; } = 100_000;

    /// <summary>How much is read and kept.</summary>
    public LoadLimits Limits { get; init; } = new();

    /// <summary>Says what lies in the future.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
