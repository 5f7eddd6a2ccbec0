using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Tests.Files;

public sealed class ZoneTests
{
    [Theory]
    [InlineData("Europe/Berlin", "2020-01-02 09:30", "2020-01-02T08:30Z")]
    [InlineData("Europe/Berlin", "2020-07-02 09:30", "2020-07-02T07:30Z")]
    [InlineData("America/New_York", "2020-07-02 20:30", "2020-07-03T00:30Z")]
    [InlineData("Asia/Kathmandu", "2020-01-02 09:30", "2020-01-02T03:45Z")]
    [InlineData("+05:45", "2020-01-02 09:30", "2020-01-02T03:45Z")]
    [InlineData("-0330", "2020-01-02 09:30", "2020-01-02T13:00Z")]
    [InlineData("+18:00", "2020-01-02 09:30", "2020-01-01T15:30Z")]
    [InlineData("UTC", "2020-01-02 09:30", "2020-01-02T09:30Z")]
    [InlineData("Europe/Berlin", "2020-01-02T09:30:00Z", "2020-01-02T09:30Z")]
    [InlineData("Europe/Berlin", "2020-01-02T09:30:00-05:00", "2020-01-02T14:30Z")]
    [InlineData("Europe/Berlin", "1577957400", "2020-01-02T09:30Z")]
    public async Task a_time_without_an_offset_is_on_the_clock_of_the_zone(string zone, string time, string utc) =>
        (await TimeFormTests.Rows(FileRead.Minutes with { TimeZone = zone }, time))
            .Bar.Time.ShouldBe(FileRead.Utc(utc));

    [Theory]
    [InlineData("Europe/Berlin", "2006-03-26 02:00")]
    [InlineData("Europe/Berlin", "2006-03-26 02:59:59")]
    [InlineData("America/New_York", "2020-03-08 02:30")]
    [InlineData("Pacific/Apia", "2011-12-30 12:00")]
    public async Task a_time_that_the_clock_was_put_over_costs_its_row(string zone, string time)
    {
        var bad = (await TimeFormTests.Rows(FileRead.Minutes with { TimeZone = zone }, time)).Bad;
        bad.Reason.ShouldBe(QuarantineReason.UNPARSABLE);
        bad.Detail.ShouldBe($"time '{time}' does not exist in {zone}, where the clock was put forward over it.");
    }

    [Theory]
    [InlineData(
        "America/New_York", "2023-11-05 00:30|2023-11-05 01:30|2023-11-05 01:30|2023-11-05 02:30",
        "04:30 05:30 06:30 07:30")]
    [InlineData(
        "America/New_York", "2023-11-05 02:30|2023-11-05 01:30|2023-11-05 01:30|2023-11-05 00:30",
        "07:30 06:30 05:30 04:30")]
    [InlineData(
        "Europe/Berlin",
        "2006-10-29 01:59|2006-10-29 02:00|2006-10-29 02:59|2006-10-29 02:00|2006-10-29 02:59|2006-10-29 03:00",
        "23:59 00:00 00:59 01:00 01:59 02:00")]
    [InlineData(
        "Australia/Lord_Howe", "2024-04-07 01:15|2024-04-07 01:45|2024-04-07 01:45|2024-04-07 02:15",
        "14:15 14:45 15:15 15:45")]
    [InlineData(
        "America/New_York", "2023-11-05T05:15:00Z|2023-11-05 01:30|2023-11-05 01:30", "05:15 05:30 06:30")]
    public async Task a_time_that_comes_twice_goes_on_from_the_row_before(string zone, string times, string utc)
    {
        var read = await TimeFormTests.Rows(FileRead.Minutes with { TimeZone = zone }, times.Split('|'));

        read.Quarantined.ShouldBeEmpty();
        string.Join(' ', read.Bars.Select(bar => bar.Time.ToString("HH:mm", null))).ShouldBe(utc);
    }

    [Fact]
    public async Task each_symbol_goes_on_from_its_own_row_even_from_one_that_is_quarantined()
    {
        string[] rows =
        [
            "KO,2023-11-05 00:30,1,1,1,1,1", "ORCL,2023-11-05 02:30,1,1,1,1,1",
            "KO,2023-11-05 01:30,x,1,1,1,1", "ORCL,2023-11-05 01:30,1,1,1,1,1",
            "KO,2023-11-05 01:30,1,1,1,1,1", "ORCL,2023-11-05 01:30,1,1,1,1,1",
        ];
        var read = await FileRead.Of(
            FileRead.Header + string.Join('\n', rows), FileRead.Minutes with { TimeZone = "America/New_York" });

        read.Quarantined.ShouldHaveSingleItem().Line.ShouldBe(4);
        string.Join(' ', read.Bars.Select(bar => $"{bar.Symbol} {bar.Time:HH:mm}"))
            .ShouldBe("KO 04:30 ORCL 07:30 ORCL 06:30 KO 06:30 ORCL 05:30");
    }

    [Theory]
    [InlineData("2023-11-05 01:30")]
    [InlineData("2023-11-05 00:30|2023-11-05 01:30|2023-11-05 01:30|2023-11-05 01:30")]
    [InlineData("2023-11-05 00:30|2023-11-05 00:15|2023-11-05 00:45|2023-11-05 01:30")]
    [InlineData("2023-11-05 03:30|2023-11-05 00:30|2023-11-05 01:30")]
    public async Task a_time_that_comes_twice_is_quarantined_where_the_rows_before_do_not_tell_which(string times)
    {
        var read = await TimeFormTests.Rows(FileRead.Minutes with { TimeZone = "America/New_York" }, times.Split('|'));

        var bad = read.Quarantined.ShouldHaveSingleItem();
        bad.Reason.ShouldBe(QuarantineReason.AMBIGUOUS_TIME);
        bad.Detail.ShouldBe(
            "time came twice, when the clock was put back: 2023-11-05T05:30:00Z and 2023-11-05T06:30:00Z. The rows of "
            + "KO before do not tell which it is: write it with its offset from UTC.");
        read.Bars.Select(bar => bar.Time).ShouldBeUnique();
    }

    [Fact]
    public async Task each_minute_around_both_changes_of_the_clock_is_converted_as_its_own()
    {
        var berlin = FileRead.Minutes with { TimeZone = "Europe/Berlin" };
        string[] spring = ["2006-03-24 12:00", "2006-03-26 01:59", "2006-03-26 03:00", "2006-03-28 12:00"];
        string[] autumn = ["2006-10-27 12:00", "2006-10-29 01:59", "2006-10-29 02:00", "2006-10-29 03:00"];
        var read = await TimeFormTests.Rows(berlin, [.. spring, .. autumn]);
        read.Bars.Select(bar => bar.Time.ToString("MM-dd HH:mm", null)).ShouldBe(
        [
            "03-24 11:00", "03-26 00:59", "03-26 01:00", "03-28 10:00",
            "10-27 10:00", "10-28 23:59", "10-29 00:00", "10-29 02:00",
        ]);
    }

    [Fact]
    public async Task every_half_hour_of_a_year_equals_the_time_zone_of_the_runtime()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");
        var first = new DateTime(2006, 1, 1);
        var locals = Enumerable.Range(0, 365 * 48).Select(i => first.AddMinutes(30 * i)).ToList();
        foreach (var isBackward in new[] { false, true })
        {
            var order = isBackward ? [.. locals.AsEnumerable().Reverse()] : locals;
            var read = await TimeFormTests.Rows(
                FileRead.Minutes with { TimeZone = zone.Id }, [.. order.Select(time => $"{time:yyyy-MM-dd HH:mm}")]);

            read.Quarantined.Count.ShouldBe(order.Count(zone.IsInvalidTime));
            read.Bars.Select(bar => bar.Time).ShouldBe(order.Where(time => !zone.IsInvalidTime(time)).Select(time =>
                time - (!zone.IsAmbiguousTime(time) ? zone.GetUtcOffset(time)
                    : isBackward ? zone.GetAmbiguousTimeOffsets(time).Min()
                    : zone.GetAmbiguousTimeOffsets(time).Max())));
        }
    }

    [Theory]
    [InlineData("2020-01-02", "2020-01-02")]
    [InlineData("2020-01-02 23:30", "2020-01-02")]
    [InlineData("2020-01-02T23:30:00Z", "2020-01-02")]
    [InlineData("1578007800", "2020-01-03")]
    public async Task a_day_is_a_date_of_the_zone_and_no_instant(string time, string day) =>
        (await TimeFormTests.Rows(FileRead.Days with { TimeZone = "Asia/Tokyo" }, time))
            .Bar.Time.ShouldBe(FileRead.Utc(day));

    [Fact]
    public async Task a_day_may_begin_at_a_time_that_the_clock_was_put_over() =>
        (await TimeFormTests.Rows(FileRead.Days with { TimeZone = "America/Sao_Paulo" }, "2017-10-15 00:00"))
            .Bar.Time.ShouldBe(FileRead.Utc("2017-10-15"));

    [Theory]
    [InlineData("Europe/Berlln")]
    [InlineData("CEST")]
    [InlineData("")]
    [InlineData("+18:01")]
    public async Task an_unknown_zone_is_refused_by_its_name(string zone) =>
        (await FileRead.Refused(FileRead.Header, FileRead.Minutes with { TimeZone = zone }))
            .ShouldStartWith($"The time zone '{zone}' is unknown");
}
