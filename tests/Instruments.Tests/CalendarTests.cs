using System.IO.Compression;
using Bifrost.Instruments.Exchanges;

namespace Bifrost.Instruments.Tests;

/// <summary>The calendar of New York, held to the exchange's rules and to the days that real bars are of.</summary>
public sealed class CalendarTests
{
    private static readonly Exchange Nyse = KnownExchanges.Find("NYSE")!;

    // Nobody planned these.
    private static readonly DateOnly[] Unplanned =
    [
        new(1994, 4, 27), new(2001, 9, 11), new(2001, 9, 12), new(2001, 9, 13), new(2001, 9, 14), new(2004, 6, 11),
        new(2007, 1, 2), new(2012, 10, 29), new(2012, 10, 30), new(2018, 12, 5), new(2025, 1, 9),
    ];

    private static readonly DateOnly[] UnplannedEnds = [new(1994, 2, 11), new(1996, 1, 8), new(1997, 10, 27)];

    [Fact]
    public void holidays_of_new_york_are_those_of_its_rules_and_those_that_nobody_planned()
    {
        var due = Enumerable.Range(1990, 41).SelectMany(Holidays).Concat(Unplanned).Order();

        Nyse.Holidays.Keys.Order().ShouldBe(due);
        (Nyse.Years!.From, Nyse.Years.To).ShouldBe((1990, 2030));
    }

    [Fact]
    public void early_closes_of_new_york_are_those_of_its_rules_and_those_that_nobody_planned()
    {
        var due = Enumerable.Range(1990, 41).SelectMany(EarlyCloses).Concat(UnplannedEnds).Order();

        Nyse.EarlyCloses.Keys.Order().ShouldBe(due);
        Nyse.EarlyCloses.Where(close => !UnplannedEnds.Contains(close.Key))
            .ShouldAllBe(close => close.Value == new TimeOnly(close.Key.Year < 1993 ? 14 : 13, 0));
        Nyse.EarlyCloses.Keys.ShouldAllBe(date => Nyse.IsSession(date));
    }

    [SkippableTheory]
    [InlineData("ORCL.csv")]
    [InlineData("NVDA.csv")]
    [InlineData("YHOO.csv")]
    [InlineData("GOOG.csv")]
    [InlineData("KO.csv")]
    [InlineData("SPX.csv.gz")]
    public void every_day_with_a_real_bar_is_a_session_and_every_weekday_without_one_is_a_holiday(string file)
    {
        var days = RealDays(file).Where(day => day.Year >= 1990).ToHashSet();

        for (var day = days.Min(); day <= days.Max(); day = day.AddDays(1))
            Nyse.IsSession(day).ShouldBe(days.Contains(day), $"{day:yyyy-MM-dd}");
    }

    private static IEnumerable<DateOnly> RealDays(string file)
    {
        var path = Path.Combine(TestBars.OrSkip(), "daily", file);
        using var raw = File.OpenRead(path);
        using var text = new StreamReader(file.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(raw, CompressionMode.Decompress)
            : raw);
        text.ReadLine();
        while (text.ReadLine() is { } line)
            yield return DateOnly.Parse(line.Split(',')[1][..10], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static IEnumerable<DateOnly> Holidays(int year)
    {
        // New Year's Day on a Saturday is not made up for: the year before has closed its books.
        if (new DateOnly(year, 1, 1) is { DayOfWeek: not DayOfWeek.Saturday } newYear)
            yield return Observed(newYear);
        if (year >= 1998)
            yield return Nth(year, 1, DayOfWeek.Monday, 3);
        yield return Nth(year, 2, DayOfWeek.Monday, 3);
        yield return Easter(year).AddDays(-2);
        yield return Nth(year, 6, DayOfWeek.Monday, 1).AddDays(-7);
        if (year >= 2022)
            yield return Observed(new DateOnly(year, 6, 19));
        yield return Observed(new DateOnly(year, 7, 4));
        yield return Nth(year, 9, DayOfWeek.Monday, 1);
        yield return Nth(year, 11, DayOfWeek.Thursday, 4);
        yield return Observed(new DateOnly(year, 12, 25));
    }

    private static IEnumerable<DateOnly> EarlyCloses(int year)
    {
        if (year >= 1992)
            yield return Nth(year, 11, DayOfWeek.Thursday, 4).AddDays(1);
        var eve = new DateOnly(year, 7, 3);
        if (year >= 1995 && eve.DayOfWeek is >= DayOfWeek.Monday and <= DayOfWeek.Thursday)
            // The Friday after a Thursday's holiday, until 2012.
            yield return year is 1996 or 2002 ? eve.AddDays(2) : eve;
        if (new DateOnly(year, 12, 24).DayOfWeek is >= DayOfWeek.Monday and <= DayOfWeek.Thursday)
            yield return new DateOnly(year, 12, 24);
        if (year is 1997 or 2003)
            yield return new DateOnly(year, 12, 26);
    }

    private static DateOnly Observed(DateOnly day) => day.DayOfWeek switch
    {
        DayOfWeek.Saturday => day.AddDays(-1),
        DayOfWeek.Sunday => day.AddDays(1),
        _ => day,
    };

    private static DateOnly Nth(int year, int month, DayOfWeek weekday, int nth)
    {
        var first = new DateOnly(year, month, 1);
        return first.AddDays(((int)weekday - (int)first.DayOfWeek + 7) % 7 + 7 * (nth - 1));
    }

    // The Sunday after the full moon on or after 21 March, by the tables of the Church (Knuth, Fundamental Algorithms).
    private static DateOnly Easter(int year)
    {
        var (golden, century) = (year % 19 + 1, year / 100 + 1);
        var (leaps, moon) = (3 * century / 4 - 12, (8 * century + 5) / 25 - 5);
        var sunday = 5 * year / 4 - leaps - 10;
        var epact = ((11 * golden + 20 + moon - leaps) % 30 + 30) % 30;
        if ((epact == 25 && golden > 11) || epact == 24)
            epact++;
        var full = 44 - epact;
        if (full < 21)
            full += 30;
        return new DateOnly(year, 3, 1).AddDays(full + 7 - (sunday + full) % 7 - 1);
    }
}
