using System.Globalization;
using Bifrost.Instruments.Exchanges;
using FsCheck;
using FsCheck.Fluent;

namespace Bifrost.Instruments.Tests;

public sealed class SessionTests
{
    public static TheoryData<string> Codes => [.. KnownExchanges.All.Select(exchange => exchange.Code)];

    [Theory]
    [InlineData("NYSE", "2024-01-05T19:30-05:00", "2024-01-05")] // After hours of a Friday, which is Saturday in UTC.
    [InlineData("NYSE", "2024-01-06T10:00-05:00", "2024-01-08")] // A Saturday has no session.
    [InlineData("NYSE", "2024-07-04T10:00-04:00", "2024-07-05")] // A holiday has none either.
    [InlineData("NYSE", "2024-03-11T00:00-04:00", "2024-03-11")]
    [InlineData("NYSE", "2024-03-10T23:59-04:00", "2024-03-11")]
    [InlineData("ASX", "2024-01-08T10:00+11:00", "2024-01-08")] // 23:00 of Sunday in UTC.
    [InlineData("ASX", "2024-01-08T15:59+11:00", "2024-01-08")]
    [InlineData("CME", "2024-01-07T18:00-05:00", "2024-01-08")] // Sunday evening belongs to Monday.
    [InlineData("CME", "2024-01-08T16:59-05:00", "2024-01-08")]
    [InlineData("CME", "2024-01-08T17:30-05:00", "2024-01-08")] // Closed, until it opens again.
    [InlineData("CME", "2024-01-08T18:00-05:00", "2024-01-09")]
    [InlineData("CME", "2024-01-05T18:00-05:00", "2024-01-08")]
    [InlineData("FX", "2024-01-07T17:00-05:00", "2024-01-08")]
    [InlineData("FX", "2024-07-05T16:59-04:00", "2024-07-05")]
    [InlineData("CRYPTO", "2024-01-06T23:59Z", "2024-01-06")]
    public void a_moment_belongs_to_the_session_that_its_trades_are_of(
        string exchange, string moment, string session) =>
        KnownExchanges.Find(exchange)!
            .SessionOf(DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture).UtcDateTime)
            .ShouldBe(DateOnly.Parse(session, CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("NYSE", "2024-03-08", "2024-03-08T14:30Z", "2024-03-08T21:00Z", false)]
    [InlineData("NYSE", "2024-03-11", "2024-03-11T13:30Z", "2024-03-11T20:00Z", false)]
    [InlineData("NASDAQ", "2024-11-29", "2024-11-29T14:30Z", "2024-11-29T18:00Z", true)]
    [InlineData("ASX", "2024-01-08", "2024-01-07T23:00Z", "2024-01-08T05:00Z", false)]
    [InlineData("CME", "2024-01-08", "2024-01-07T23:00Z", "2024-01-08T22:00Z", false)]
    [InlineData("CRYPTO", "2024-01-06", "2024-01-06T00:00Z", "2024-01-07T00:00Z", false)]
    public void a_session_opens_and_closes_by_the_clock_of_its_exchange(
        string exchange, string date, string opens, string closes, bool isEarly)
    {
        var session = KnownExchanges.Find(exchange)!.SessionOn(DateOnly.Parse(date, CultureInfo.InvariantCulture))!;

        session.Opens.ShouldBe(DateTimeOffset.Parse(opens, CultureInfo.InvariantCulture).UtcDateTime);
        session.Closes.ShouldBe(DateTimeOffset.Parse(closes, CultureInfo.InvariantCulture).UtcDateTime);
        session.ClosesEarly.ShouldBe(isEarly);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void sessions_share_out_all_time_and_their_dates_rise(string code)
    {
        var exchange = KnownExchanges.Find(code)!;
        var moments = Gen.Choose(0, 45 * 366 * 24 * 60).Select(minutes =>
            new DateTime(1989, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(minutes)).Two().ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(moments, two =>
        {
            var session = exchange.SessionOf(two.Item1);
            var (begins, ends) = exchange.SpanOf(session);
            exchange.IsSession(session).ShouldBeTrue();
            two.Item1.ShouldBeInRange(begins, ends.AddTicks(-1));
            // The next one begins where this one ends.
            var next = exchange.SessionOf(ends);
            next.ShouldBeGreaterThan(session);
            exchange.SpanOf(next).Begins.ShouldBe(ends);
            exchange.SessionOf(ends.AddTicks(-1)).ShouldBe(session);
            // Trading hours are of the session that they are named by.
            var hours = exchange.SessionOn(session)!;
            hours.Opens.ShouldBeLessThan(hours.Closes);
            (hours.Opens >= begins && hours.Closes <= ends).ShouldBeTrue();
            if (two.Item1 <= two.Item2)
                exchange.SessionOf(two.Item2).ShouldBeGreaterThanOrEqualTo(session);
        }));
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void an_exchange_says_where_its_hours_are_from(string code)
    {
        var exchange = KnownExchanges.Find(code)!;

        exchange.Source.ShouldEndWith(".");
        exchange.Name.ShouldNotBeEmpty();
        exchange.Code.ShouldBe(code);
    }

    [SkippableFact]
    public void real_hours_of_a_currency_pair_are_within_its_sessions()
    {
        var exchange = KnownExchanges.Find("FX")!;
        var outside = File.ReadLines(Path.Combine(TestBars.OrSkip(), "intraday", "EURUSD-1h.csv")).Skip(1)
            .Select(line => DateTimeOffset.Parse(line.Split(',')[1], CultureInfo.InvariantCulture).UtcDateTime)
            .Where(time => exchange.SessionOn(exchange.SessionOf(time)) is var hours
                && (time < hours!.Opens || time >= hours.Closes));

        // The source went on for an hour on two Fridays.
        int[] fridays = [6, 20];
        outside.ShouldBe(fridays.Select(day => new DateTime(2017, 10, day, 21, 0, 0, DateTimeKind.Utc)));
    }
}
