using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Tests.Files;

public sealed class TimeFormTests
{
    [Theory]
    [InlineData("2020-01-02T09:30:00Z")]
    [InlineData("2020-01-02t09:30z")]
    [InlineData("2020-01-02 09:30")]
    [InlineData("2020-1-2 9:30")]
    [InlineData("2020/01/02 09:30:00")]
    [InlineData("2020.01.02 09:30")]
    [InlineData("2020-01-02T09:30:00.0000009999")]
    [InlineData("2020-01-02T10:30:00+01:00")]
    [InlineData("2020-01-02T04:30:00-0500")]
    [InlineData("2020-01-02 15:15:00 +0545")]
    [InlineData("2020-01-02 09:30:00+00")]
    [InlineData("20200102 09:30")]
    [InlineData("20200102T093000Z")]
    [InlineData("20200102 0930")]
    [InlineData("20200102093000")]
    [InlineData("1/2/2020 9:30")]
    [InlineData("01/02/2020 09:30:00")]
    [InlineData("1/2/2020 9:30 AM")]
    [InlineData("1/2/2020 9:30:00am")]
    [InlineData("1-2-2020 9:30")]
    [InlineData("2.1.2020 09:30")]
    [InlineData("2-Jan-2020 09:30")]
    [InlineData("02-JAN-20 09:30")]
    [InlineData("2 January 2020 09:30")]
    [InlineData("Jan 2, 2020 09:30")]
    [InlineData("January 2, 2020 9:30 AM")]
    [InlineData("1577957400")]
    [InlineData("1577957400.0000009")]
    [InlineData("1.5779574E9")]
    [InlineData("1577957400000")]
    [InlineData("1577957400000000")]
    [InlineData("1577957400000000000")]
    public async Task half_past_nine_of_the_second_of_january_is_written_in_many_ways(string time) =>
        (await Read(time)).ShouldBe(FileRead.Utc("2020-01-02T09:30Z"));

    [Theory]
    [InlineData("2020-01-02T09:30:15.1234567Z", "2020-01-02T09:30:15.123456Z")]
    [InlineData("2020-01-02T09:30:15.5Z", "2020-01-02T09:30:15.5Z")]
    [InlineData("1/2/2020 12:05 AM", "2020-01-02T00:05Z")]
    [InlineData("1/2/2020 12:05 PM", "2020-01-02T12:05Z")]
    [InlineData("1/2/2020 11:59:59 pm", "2020-01-02T23:59:59Z")]
    [InlineData("2020-01-02 24:00", "2020-01-03T00:00Z")]
    [InlineData("2020-02-29 00:00", "2020-02-29T00:00Z")]
    [InlineData("0", "1970-01-01T00:00Z")]
    [InlineData("-60", "1969-12-31T23:59Z")]
    [InlineData("-0.0000015", "1969-12-31T23:59:59.999998Z")]
    [InlineData("1577957400.25", "2020-01-02T09:30:00.25Z")]
    [InlineData("-631152000000", "1950-01-01T00:00Z")]
    [InlineData("1577957400123456789", "2020-01-02T09:30:00.123456Z")]
    [InlineData("99999999", "1973-03-03T09:46:39Z")]
    public async Task parts_of_a_second_are_cut_at_microseconds_and_halves_of_a_day_are_told_apart(
        string time, string utc) => (await Read(time)).ShouldBe(FileRead.Utc(utc));

    [Theory]
    [InlineData("2020-01-02")]
    [InlineData("2020/1/2")]
    [InlineData("20200102")]
    [InlineData("20200102.0")]
    [InlineData("1/2/2020")]
    [InlineData("2.1.2020")]
    [InlineData("2-Jan-2020")]
    [InlineData("02-jan-20")]
    [InlineData("Jan 2, 2020")]
    [InlineData("2020-01-02T23:59:00+14:00")]
    [InlineData("2020-01-02T00:00:00-05:00")]
    [InlineData("2020-01-02 00:00:00")]
    [InlineData("2020-01-02 24:00")]
    [InlineData("1577923200")]
    [InlineData("1578009599999")]
    public async Task a_day_has_its_date_as_it_is_written(string date) =>
        (await Read(date, FileRead.Days with { DateOrder = DateOrder.MonthDayYear }))
            .ShouldBe(FileRead.Utc("2020-01-02"));

    [Theory]
    [InlineData("99-12-31", null)]
    [InlineData("31-Dec-99", "1999-12-31")]
    [InlineData("1-Jan-26", "2026-01-01")]
    [InlineData("1-Jan-27", "1927-01-01")]
    public async Task a_year_of_two_digits_is_the_last_that_is_not_after_this_one(string date, string? day)
    {
        var read = await Rows(FileRead.Days, date);
        if (day is null)
            read.Bad.Reason.ShouldBe(QuarantineReason.UNPARSABLE);
        else
            read.Bar.Time.ShouldBe(FileRead.Utc(day));
    }

    [Theory]
    [InlineData("2020-02-30 09:30")]
    [InlineData("2019-02-29 09:30")]
    [InlineData("2020-13-01 09:30")]
    [InlineData("2020-00-01 09:30")]
    [InlineData("0000-01-01 09:30")]
    [InlineData("2020-01-02 24:01")]
    [InlineData("2020-01-02 09:60")]
    [InlineData("2020-01-02 09:30:60")]
    [InlineData("2020-01-02 9")]
    [InlineData("2020-01-02 09:30 XM")]
    [InlineData("2020-01-02 13:30 PM")]
    [InlineData("2020-01-02 0:30 AM")]
    [InlineData("2020-01-02 09:30:00.")]
    [InlineData("2020-01-02 09:30+25:00")]
    [InlineData("2020-01-02 09:30+01:60")]
    [InlineData("2020-01-02 09:30 Berlin")]
    [InlineData("2020-01/02 09:30")]
    [InlineData("2-Foo-2020 09:30")]
    [InlineData("Ja 2, 2020 09:30")]
    [InlineData("1/2/20 09:30")]
    [InlineData("093000")]
    [InlineData("yesterday")]
    [InlineData("12e99")]
    [InlineData("9999999999999999999999")]
    [InlineData("0001-01-01T00:00+01:00")]
    [InlineData("9999-12-31 24:00")]
    public async Task what_is_no_time_costs_its_row(string time)
    {
        var bad = (await Rows(FileRead.Minutes, time)).Bad;
        (bad.Reason, bad.Line).ShouldBe((QuarantineReason.UNPARSABLE, 2));
        bad.Detail.ShouldStartWith($"time '{time}' ");
    }

    [Fact]
    public async Task minutes_and_hours_need_a_time_of_day()
    {
        (await Rows(FileRead.Minutes, "2020-01-02")).Bad.Detail
            .ShouldBe("time '2020-01-02' has no time of day, which is needed for minute bars.");
        (await Rows(FileRead.Minutes with { Interval = BarInterval.Hour }, "20200102")).Bad.Detail
            .ShouldBe("time '20200102' has no time of day, which is needed for hour bars.");
    }

    [Theory]
    [InlineData("1/2/2020", "1/13/2020", "2020-01-02")]
    [InlineData("1/2/2020", "13/1/2020", "2020-02-01")]
    [InlineData("1-2-2020", "13-1-2020", "2020-02-01")]
    [InlineData("1/2/2020", "2/2/2020", "2020-02-01")]
    [InlineData("1/2/2020", "1/3/2020", "2020-01-02")]
    [InlineData("12/1/2020", "12/1/2020", "2020-01-12", "11/1/2020", "10/1/2020")]
    [InlineData("2/2/2020", "3/3/2020", "2020-02-02")]
    public async Task the_order_of_a_dates_parts_shows_in_a_part_that_is_no_month_or_in_the_steps_between_rows(
        string first, string second, string day, params string[] others)
    {
        var read = await Rows(FileRead.Days, [first, second, .. others]);
        read.Quarantined.ShouldBeEmpty();
        read.Bars[0].Time.ShouldBe(FileRead.Utc(day));
    }

    [Fact]
    public async Task the_options_outdo_what_the_dates_show()
    {
        var options = FileRead.Days with { DateOrder = DateOrder.DayMonthYear };
        (await Rows(options, "1/2/2020")).Bar.Time.ShouldBe(FileRead.Utc("2020-02-01"));
        (await Rows(options with { DateOrder = DateOrder.MonthDayYear }, "13/1/2020", "1/2/2020"))
            .Bars.ShouldHaveSingleItem().Time.ShouldBe(FileRead.Utc("2020-01-02"));
    }

    [Theory]
    [InlineData("1/2/2020")]
    [InlineData("1/2/2020", "1/2/2020")]
    [InlineData("1/2/2020", "1/2/2020", "3/4/2020")]
    [InlineData("3/2/2020 09:30", "3/2/2020 09:31")]
    public async Task dates_that_could_be_two_are_refused_with_both(params string[] times)
    {
        var told = times[0].StartsWith('3') ? "2 March 2020 or 3 February 2020" : "2 January 2020 or 1 February 2020";

        var read = await Rows(FileRead.Minutes with { Interval = BarInterval.Day }, times);

        read.Batches.ShouldBeEmpty();
        read.Failure.ShouldBe(
            $"'{times[0]}' is {told}, and no row tells which: say the order of the date's parts, mdy or dmy.");
    }

    [Fact]
    public async Task dates_that_could_be_two_and_show_only_after_the_sample_are_quarantined_with_both()
    {
        var rows = string.Concat(Enumerable.Repeat("KO,2/2/2020,1,1,1,1,1\n", 4_000));
        var content = System.Text.Encoding.UTF8.GetBytes(
            FileRead.Header + rows + "KO,1/2/2020,1,1,1,1,1\nKO,13/1/2020,1,1,1,1,1\n");
        foreach (var most in new[] { 1_000, int.MaxValue })
        {
            var read = await FileRead.Of(new Trickle(content, most), FileRead.Days);
            read.Bars.Select(bar => bar.Time).Distinct().ShouldBe(
                [FileRead.Utc("2020-02-02"), FileRead.Utc("2020-01-13")]);
            read.Quarantined.ShouldHaveSingleItem().Detail.ShouldBe(
                "time '1/2/2020' is 2 January 2020 or 1 February 2020, and nothing in the file's beginning tells "
                + "which: say the order of the date's parts, mdy or dmy.");
        }
    }

    [Fact]
    public async Task seconds_and_finer_units_may_be_mixed()
    {
        var read = await Rows(FileRead.Minutes, "1577957400", "1577957460000", "1577957520000000");
        read.Bars.Select(bar => bar.Time).ShouldBe(
            [FileRead.Utc("2020-01-02T09:30Z"), FileRead.Utc("2020-01-02T09:31Z"), FileRead.Utc("2020-01-02T09:32Z")]);
    }

    [Theory]
    [InlineData(-7_300)]
    [InlineData(-10)]
    [InlineData(1)]
    public async Task milliseconds_around_1970_are_not_taken_for_seconds(int firstDay)
    {
        var days = Enumerable.Range(firstDay, 9_000).ToList();
        var read = await Rows(FileRead.Days, [.. days.Select(day => $"{day * 86_400_000L}")]);
        read.Quarantined.ShouldBeEmpty();
        read.Bars.Select(bar => bar.Time).ShouldBe(days.Select(day => DateTime.UnixEpoch.AddDays(day)));
    }

    [Fact]
    public async Task bars_labelled_at_their_end_began_before_it()
    {
        var options = FileRead.Minutes with { LabelsAtEnd = true };
        (await Rows(options, "2020-01-02 00:00Z")).Bar.Time.ShouldBe(FileRead.Utc("2020-01-01T23:59Z"));
        (await Rows(options with { BarLength = TimeSpan.FromMinutes(5) }, "2020-01-02 09:35"))
            .Bar.Time.ShouldBe(FileRead.Utc("2020-01-02T09:30Z"));
        (await Rows(options with { Interval = BarInterval.Hour }, "2020-01-02 10:30"))
            .Bar.Time.ShouldBe(FileRead.Utc("2020-01-02T09:30Z"));
        (await FileRead.Refused(FileRead.Header, options with { Interval = BarInterval.Day }))
            .ShouldContain("date of their session");
    }

    internal static Task<FileRead> Rows(BarFileOptions options, params string[] times) => FileRead.Of(
        FileRead.Header + string.Concat(times.Select(time => $"KO,\"{time}\",1,1,1,1,1\n")), options);

    private static async Task<DateTime> Read(string time, BarFileOptions? options = null) =>
        (await Rows(options ?? FileRead.Minutes with { DateOrder = DateOrder.MonthDayYear }, time)).Bar.Time;
}
