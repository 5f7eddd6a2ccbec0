using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Ingestion;
using Npgsql;
using static Bifrost.MarketData.Tests.Ingestion.BarStore;

namespace Bifrost.MarketData.Tests.Ingestion;

public sealed class RollupTests(BarStore store) : IClassFixture<BarStore>
{
    private static readonly DateTime Monday = new(2024, 3, 4, 0, 0, 0, DateTimeKind.Utc);

    // The rollups again, by another way: each bucket on its own, first and last by sorting.
    private const string Expected =
        """
        SELECT symbol, date_trunc('{0}', time, 'UTC') AS t, (array_agg(open ORDER BY time))[1] AS o, max(high) AS h,
               min(low) AS l, (array_agg(close ORDER BY time DESC))[1] AS c, sum(volume)::numeric AS v,
               avg(close) AS a, count(*) AS n
        FROM market_stock_hist_bars_min_ts WHERE symbol = '{1}' GROUP BY 1, 2 ORDER BY 2
        """;

    [Fact]
    public async Task hours_days_and_weeks_follow_from_minutes_that_come_in_any_order_and_are_corrected()
    {
        var random = new Random(7);
        for (var round = 0; round < 12; round++)
        {
            var rows = Enumerable.Range(0, 150).Select(_ => Any(random, "MIX"));
            await store.Ingest(BarInterval.Min, $"round {round}", [.. rows]);
            await store.RollUp();
            await AgreesWithMinutes("MIX");
        }
    }

    [Fact]
    public async Task a_late_minute_changes_all_that_lies_above_it()
    {
        await store.Ingest(BarInterval.Min, "late", Minute("LATE", "15:00", 10), Minute("LATE", "15:10", 11));
        await store.RollUp();

        await store.Ingest(BarInterval.Min, "late", Minute("LATE", "14:59", 9), Minute("LATE", "15:11", 12));
        await store.RollUp();

        (await store.Rows("SELECT open_price, close_price, bar_count FROM hourly_price_aggregates "
            + "WHERE symbol = 'LATE' ORDER BY hour")).ShouldBe(["(9,9,1)", "(10,12,3)"]);
        (await store.Rows("SELECT open_price, high_price, low_price, close_price, total_volume, bar_count "
            + "FROM daily_price_aggregates WHERE symbol = 'LATE'")).ShouldBe(["(9,12.01,8.99,12,400,4)"]);
        (await store.Rows("SELECT week, open_price, close_price FROM weekly_price_aggregates WHERE symbol = 'LATE'"))
            .ShouldBe(["(\"2024-03-04 00:00:00+00\",9,12)"]);
    }

    [Fact]
    public async Task days_follow_from_hours_until_there_are_minutes()
    {
        await store.Ingest(BarInterval.Hour, "hours", "HOURLY,2024-03-08T14:00:00Z,10,12,9,11,5");
        await store.RollUp();
        (await Day("HOURLY")).ShouldBe(["(10,11,hour,1)"]);

        await store.Ingest(
            BarInterval.Min, "minutes", Minute("HOURLY", "14:01", 10.5m), Minute("HOURLY", "14:02", 10.6m));
        await store.RollUp();
        (await Day("HOURLY")).ShouldBe(["(10.5,10.6,min,2)"]);

        await store.Ingest(BarInterval.Hour, "hours", "HOURLY,2024-03-08T15:00:00Z,20,20,20,20,5");
        await store.RollUp();
        (await Day("HOURLY")).ShouldBe(["(10.5,10.6,min,2)"]);
    }

    [Fact]
    public async Task weeks_take_a_days_own_bar_before_its_rollup()
    {
        await store.Ingest(BarInterval.Min, "m", Minute("WEEK", "14:30", 10));
        await store.Ingest(BarInterval.Day, "d", "WEEK,2024-03-04,5,6,4,5.5,100", "WEEK,2024-03-08,10,30,10,20,7");
        await store.RollUp();

        (await store.Rows("SELECT open_price, high_price, low_price, close_price, total_volume, bar_count "
            + "FROM weekly_price_aggregates WHERE symbol = 'WEEK'")).ShouldBe(["(5,30,4,20,107,2)"]);
    }

    [Fact]
    public async Task bars_that_are_committed_after_their_period_was_looked_at_are_rolled_up_later()
    {
        await store.Ingest(BarInterval.Day, "first", "RACE,2024-03-04,5,6,4,5,100");
        await using var blocker = await store.Owner.OpenConnectionAsync();
        await using var holding = await blocker.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand(
            "SELECT FROM market_last_price WHERE symbol = 'RACE' FOR UPDATE", blocker))
            await hold.ExecuteNonQueryAsync();

        // Its word is left, its bar not committed: it waits for the price.
        var second = store.Ingest(BarInterval.Day, "second", "RACE,2024-03-05,5,9,4,5,100");
        await Eventually.Is(
            () => store.Query<bool>(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
                + "AND wait_event_type = 'Lock' AND query LIKE '%market_last_price%')"),
            TimeSpan.FromSeconds(60),
            () => "It does not wait for the price.");
        await store.RollUp();
        await holding.RollbackAsync();
        await second;
        await store.RollUp();

        (await store.Rows("SELECT high_price, bar_count FROM weekly_price_aggregates WHERE symbol = 'RACE'"))
            .ShouldBe(["(9,2)"]);
    }

    [Fact]
    public async Task nothing_is_left_to_be_done_and_doing_it_again_does_nothing()
    {
        await store.Ingest(BarInterval.Min, "done", Minute("DONE", "14:30", 10));
        (await store.RollUp()).ShouldBeGreaterThan(0);
        var before = await store.Rows("SELECT * FROM daily_price_aggregates WHERE symbol = 'DONE'");

        (await store.Ingest(BarInterval.Min, "done", Minute("DONE", "14:30", 10))).Unchanged.ShouldBe(1);

        (await store.RollUp()).ShouldBe(0);
        (await store.Rows("SELECT * FROM daily_price_aggregates WHERE symbol = 'DONE'")).ShouldBe(before);
    }

    [Fact]
    public async Task what_was_rolled_up_stays_when_its_bars_are_gone()
    {
        await store.Ingest(BarInterval.Min, "kept", Minute("KEPT", "14:30", 10), Minute("KEPT", "14:31", 11));
        await store.RollUp();
        await store.Query<long>(
            "WITH gone AS (DELETE FROM market_stock_hist_bars_min_ts WHERE symbol = 'KEPT' RETURNING 1) "
            + "SELECT count(*) FROM gone");

        await store.Ingest(BarInterval.Min, "kept", Minute("KEPT", "14:32", 12));
        await store.RollUp();

        (await Day("KEPT")).ShouldBe(["(10,11,min,2)"]);
    }

    [Fact]
    public async Task four_that_roll_up_at_once_leave_what_one_would()
    {
        var random = new Random(11);
        var rows = Enumerable.Range(0, 3000).Select(_ => Any(random, $"PAR{random.Next(5)}"));
        await store.Ingest(BarInterval.Min, "parallel", [.. rows]);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => store.RollUp()));
        await store.RollUp();

        for (var i = 0; i < 5; i++)
            await AgreesWithMinutes($"PAR{i}");
    }

    private async Task AgreesWithMinutes(string symbol)
    {
        foreach (var (table, bucket) in new[] { ("hourly", "hour"), ("daily", "day") })
        {
            (await store.Rows(
                $"SELECT symbol, {bucket} AS t, open_price, high_price, low_price, close_price, total_volume, "
                + $"avg_price, bar_count FROM {table}_price_aggregates WHERE symbol = '{symbol}' ORDER BY {bucket}"))
                .ShouldBe(await store.Rows(Expected.Replace("{0}", bucket).Replace("{1}", symbol)));
        }
        (await store.Rows(
            "SELECT week AS t, open_price, high_price, low_price, close_price, total_volume "
            + $"FROM weekly_price_aggregates WHERE symbol = '{symbol}' ORDER BY week")).ShouldBe(await store.Rows(
                $"SELECT t, o, h, l, c, v FROM ({Expected.Replace("{0}", "week").Replace("{1}", symbol)}) w"));
    }

    private static string Any(Random random, string symbol)
    {
        var time = Monday.AddMinutes(random.Next(0, 14 * 24 * 60));
        var (low, spread) = (random.Next(100, 200), random.Next(1, 50));
        var (open, close) = (low + random.Next(spread), low + random.Next(spread));
        return $"{symbol},{time:yyyy-MM-ddTHH:mm:ssZ},{open},{low + spread},{low},{close},{random.Next(1000)}";
    }

    private Task<string[]> Day(string symbol) => store.Rows(
        "SELECT open_price, close_price, bar_interval, bar_count FROM daily_price_aggregates "
        + $"WHERE symbol = '{symbol}'");
}
