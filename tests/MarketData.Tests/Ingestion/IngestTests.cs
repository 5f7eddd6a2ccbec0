using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;
using Npgsql;
using static Bifrost.MarketData.Tests.Ingestion.BarStore;

namespace Bifrost.MarketData.Tests.Ingestion;

public sealed class IngestTests(BarStore store) : IClassFixture<BarStore>
{
    private const string Blocked =
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')";

    private const string Bars =
        "SELECT symbol, time, open, high, low, close, volume, adj_close FROM market_stock_hist_bars_min_ts";

    [Fact]
    public async Task the_same_rows_again_are_unchanged_and_change_nothing()
    {
        string[] rows = [Minute("SAME", "14:30", 10), Minute("SAME", "14:31", 11), Minute("SAME", "14:32", 12)];
        (await store.Ingest(BarInterval.Min, "same", rows)).ShouldBe(new IngestCounts(3, 3, 0, 0, 0));
        var before = await Everything("SAME");

        (await store.Ingest(BarInterval.Min, "same", rows)).ShouldBe(new IngestCounts(3, 0, 0, 3, 0));

        (await Everything("SAME")).ShouldBe(before);
    }

    [Fact]
    public async Task rows_among_known_ones_are_found_one_by_one()
    {
        await store.Ingest(BarInterval.Min, "holes", Minute("HOLE", "14:30", 10), Minute("HOLE", "14:33", 13));

        var counts = await store.Ingest(
            BarInterval.Min,
            "holes",
            Minute("HOLE", "14:30", 10),
            Minute("HOLE", "14:31", 11),
            Minute("HOLE", "14:33", 14),
            Minute("HOLE", "14:34", 15));

        counts.ShouldBe(new IngestCounts(4, 3, 1, 1, 0));
        (await store.Rows($"SELECT close FROM ({Bars}) b WHERE symbol = 'HOLE' ORDER BY time"))
            .ShouldBe(["(10)", "(11)", "(14)", "(15)"]);
    }

    [Fact]
    public async Task a_correction_keeps_what_it_replaced_and_from_when_until_when_it_was_known()
    {
        await store.Ingest(BarInterval.Min, "first", Minute("CORR", "14:30", 10, volume: 7));
        var recorded = await store.Query<DateTime>(
            "SELECT recorded_at FROM market_stock_hist_bars_min_ts WHERE symbol = 'CORR'");

        var counts = await store.Ingest(BarInterval.Min, "second", Minute("CORR", "14:30", 10.5m, volume: 8));

        counts.ShouldBe(new IngestCounts(1, 1, 1, 0, 0));
        (await store.Rows(
            "SELECT bar_interval, time = '2024-03-08 14:30Z' AS t, open, high, low, close, volume, source "
            + "FROM market_bar_correction WHERE symbol = 'CORR'")).ShouldBe(["(min,t,10,10.01,9.99,10,7,second)"]);
        (await store.Query<DateTime>("SELECT recorded_at FROM market_bar_correction WHERE symbol = 'CORR'"))
            .ShouldBe(recorded);
        (await store.Query<bool>(
            "SELECT c.replaced_at = b.recorded_at FROM market_bar_correction c "
            + "JOIN market_stock_hist_bars_min_ts b USING (symbol, time) WHERE symbol = 'CORR'")).ShouldBeTrue();
    }

    [Fact]
    public async Task of_a_minute_that_a_file_has_twice_the_later_row_counts_and_is_flagged()
    {
        string[] rows =
        [
            Minute("TWICE", "14:30", 10), Minute("TWICE", "14:31", 11), Minute("TWICE", "14:30", 12),
            Minute("TWICE", "14:31", 11),
        ];

        (await store.Ingest(BarInterval.Min, "twice", rows)).ShouldBe(new IngestCounts(4, 3, 1, 1, 0));
        var before = await Everything("TWICE");
        (await store.Ingest(BarInterval.Min, "twice", rows)).ShouldBe(new IngestCounts(4, 0, 0, 4, 0));

        (await Everything("TWICE")).ShouldBe(before);
        (await store.Rows("SELECT close FROM market_stock_hist_bars_min_ts WHERE symbol = 'TWICE' ORDER BY time"))
            .ShouldBe(["(12)", "(11)"]);
        (await store.Rows("SELECT kind, time = '2024-03-08 14:30Z' AS t FROM market_bar_flag WHERE symbol = 'TWICE'"))
            .ShouldBe(["(DUPLICATE,t)"]);
        (await store.Rows("SELECT close FROM market_bar_correction WHERE symbol = 'TWICE'")).ShouldBe(["(10)"]);
    }

    [Fact]
    public async Task six_and_more_decimals_are_kept()
    {
        await store.Ingest(BarInterval.Min, "fine", "FINE,2024-03-08T14:30:00Z,2.179012345678,3,1,2.1000,5");

        (await store.Rows("SELECT open, close FROM market_stock_hist_bars_min_ts WHERE symbol = 'FINE'"))
            .ShouldBe(["(2.179012345678,2.1000)"]);
        (await store.Ingest(BarInterval.Min, "fine", "FINE,2024-03-08T14:30:00Z,2.179012345678,3,1,2.1,5"))
            .Unchanged.ShouldBe(1, "2.1 and 2.1000 are one price");
    }

    [Fact]
    public async Task two_that_store_the_same_rows_at_once_in_opposite_orders_store_them_once()
    {
        var rows = Enumerable.Range(0, 600)
            .Select(i => Minute("RACE", $"{14 + i / 60 % 10}:{i % 60:00}", 10 + i, volume: i)).ToArray();
        var small = new BarFileOptions { Interval = BarInterval.Min, BatchRows = 50 };

        var counts = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => store.Ingest(
            small, $"race {i}", string.Join('\n', (i % 2 == 0 ? rows : rows.Reverse()).Prepend(Header)))));

        counts.Sum(count => count.Written).ShouldBe(600);
        counts.Sum(count => count.Unchanged).ShouldBe(5 * 600);
        (await store.Query<long>("SELECT count(*) FROM market_stock_hist_bars_min_ts WHERE symbol = 'RACE'"))
            .ShouldBe(600);
        (await store.Query<long>("SELECT count(*) FROM market_bar_correction WHERE symbol = 'RACE'")).ShouldBe(0);
    }

    [Fact]
    public async Task rows_that_somebody_writes_past_the_lock_at_the_same_moment_do_no_harm()
    {
        await using var other = await store.Owner.OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using var insert = new NpgsqlCommand(
            "INSERT INTO market_stock_hist_bars_min_ts VALUES ('PAST', '2024-03-08 14:31Z', 1, 1, 1, 1, 1)", other);
        await insert.ExecuteNonQueryAsync();

        // It finds no bar, copies its own, and waits for the other one's row to be committed or not.
        var writing = store.Ingest(
            BarInterval.Min, "past", Minute("PAST", "14:30", 10), Minute("PAST", "14:31", 11));
        await Eventually.Is(
            () => store.Query<bool>(Blocked), TimeSpan.FromSeconds(60), () => "It does not wait for the other one.");
        await transaction.CommitAsync();

        (await writing).ShouldBe(new IngestCounts(2, 2, 1, 0, 0));
        (await store.Rows("SELECT close FROM market_stock_hist_bars_min_ts WHERE symbol = 'PAST' ORDER BY time"))
            .ShouldBe(["(10)", "(11)"]);
    }

    [Fact]
    public async Task a_symbol_that_is_seen_for_the_first_time_becomes_known()
    {
        await store.Ingest(BarInterval.Day, "new", "NEWSYM,2024-03-08,1,1,1,1,1");

        (await store.Rows("SELECT name, market, status FROM market_symbol WHERE symbol = 'NEWSYM'"))
            .ShouldBe(["(NEWSYM,UNKNOWN,UNKNOWN)"]);
    }

    [Theory]
    [InlineData(BarInterval.Min)]
    [InlineData(BarInterval.Hour)]
    [InlineData(BarInterval.Day)]
    public async Task bars_of_each_interval_are_in_a_hypertable_of_the_legacy_chunks(BarInterval interval)
    {
        var chunks = await store.Query<TimeSpan>(
            "SELECT time_interval FROM timescaledb_information.dimensions "
            + $"WHERE hypertable_name = '{interval.Table()}'");

        chunks.ShouldBe(interval == BarInterval.Day ? TimeSpan.FromDays(7) : TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task history_goes_into_wide_chunks_and_the_width_is_put_back()
    {
        var days = Enumerable.Range(0, 3650).Select(i => new DateOnly(1990, 1, 1).AddDays(i))
            .Select(day => $"OLD,{day:yyyy-MM-dd},1,1,1,1,1");

        await store.Ingest(BarInterval.Day, "old", [.. days]);

        (await store.Query<long>(
            "SELECT count(*) FROM timescaledb_information.chunks "
            + "WHERE hypertable_name = 'market_stock_hist_bars_day_ts' AND range_end < '2000-01-02'"))
            .ShouldBeInRange(10, 11);
        (await store.Query<TimeSpan>(
            "SELECT time_interval FROM timescaledb_information.dimensions "
            + "WHERE hypertable_name = 'market_stock_hist_bars_day_ts'")).ShouldBe(TimeSpan.FromDays(7));
    }

    private async Task<string[]> Everything(string symbol) =>
    [
        .. await store.Rows($"SELECT * FROM market_stock_hist_bars_min_ts WHERE symbol = '{symbol}' ORDER BY time"),
        .. await store.Rows($"SELECT * FROM market_bar_correction WHERE symbol = '{symbol}' ORDER BY correction_id"),
        .. await store.Rows($"SELECT * FROM market_bar_flag WHERE symbol = '{symbol}' ORDER BY time, kind"),
        .. await store.Rows($"SELECT * FROM market_last_price WHERE symbol = '{symbol}'"),
    ];
}
