using System.Globalization;

namespace Bifrost.Jobs.Tests;

/// <summary>When a schedule is due, in zones that change their clocks.</summary>
public sealed class CronTimesTests
{
    [Theory]
    // 02:30 does not exist on this day: it is the moment of the change.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z")]
    // 02:30 comes twice on this day: it is the first of both.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z")]
    [InlineData("30 2 * * *", "America/New_York", "2026-03-07T12:00Z", "2026-03-08T07:00Z", "2026-03-09T06:30Z")]
    [InlineData("30 1 * * *", "America/New_York", "2026-10-31T12:00Z", "2026-11-01T05:30Z", "2026-11-02T06:30Z")]
    // What is due each hour is due in both of them.
    [InlineData("30 * * * *", "Europe/Berlin", "2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:30Z")]
    [InlineData("30 9 * * MON-FRI", "Europe/Berlin", "2026-03-27T09:00Z", "2026-03-30T07:30Z", "2026-03-31T07:30Z")]
    [InlineData("30 9 * * *", "Asia/Kolkata", "2026-03-27T04:00Z", "2026-03-28T04:00Z", "2026-03-29T04:00Z")]
    [InlineData("0 0 29 2 *", "Etc/UTC", "2026-01-01T00:00Z", "2028-02-29T00:00Z", "2032-02-29T00:00Z")]
    [InlineData("0 0 29 2 *", "Etc/UTC", "2096-03-01T00:00Z", "2104-02-29T00:00Z", "2108-02-29T00:00Z")]
    [InlineData("@daily", "UTC", "2026-01-01T00:00Z", "2026-01-02T00:00Z", "2026-01-03T00:00Z")]
    public void it_is_due_at_the_times_that_its_zone_has(
        string cron, string zone, string after, string due, string then)
    {
        var first = CronTimes.Next(cron, zone, Moment(after));
        var second = CronTimes.Next(cron, zone, first!.Value);

        (first, second).ShouldBe((Moment(due), Moment(then)));
    }

    [Fact]
    public void a_day_that_no_year_has_is_never() =>
        CronTimes.Next("0 0 30 2 *", "Etc/UTC", Moment("2026-01-01T00:00Z")).ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("*/5 30 6 * * MON")]
    [InlineData("@reboot")]
    [InlineData("every day")]
    [InlineData("\0")]
    public void an_expression_that_cannot_be_understood_is_told_of_with_one_that_can(string cron)
    {
        var refused = Should.Throw<JobRefusedException>(
            () => CronTimes.Next(cron, "Etc/UTC", Moment("2026-01-01T00:00Z")));

        refused.Message.ShouldStartWith($"'{cron}' is no schedule: minute, hour, day of month, month and day of week");
        refused.Message.ShouldContain("30 6 * * MON-FRI.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Europe/Bielefeld")]
    [InlineData("W. Europe Standard Time")]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/localtime")]
    [InlineData("Europe/Berlin\0")]
    public void a_zone_that_there_is_not_is_told_of_with_one_that_there_is(string zone)
    {
        var refused = Should.Throw<JobRefusedException>(
            () => CronTimes.Next("@daily", zone, Moment("2026-01-01T00:00Z")));

        refused.Message.ShouldBe($"'{zone}' is no time zone: name one as IANA does, such as Europe/Berlin.");
    }

    private static DateTimeOffset Moment(string text) =>
        DateTimeOffset.ParseExact(text, "yyyy-MM-ddTHH:mmK", CultureInfo.InvariantCulture);
}
