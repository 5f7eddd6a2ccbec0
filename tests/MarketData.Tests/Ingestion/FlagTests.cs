using Bifrost.MarketData.Bars;
using static Bifrost.MarketData.Tests.Ingestion.BarStore;

namespace Bifrost.MarketData.Tests.Ingestion;

public sealed class FlagTests(BarStore store) : IClassFixture<BarStore>
{
    [Fact]
    public async Task a_jump_is_flagged_and_the_bar_is_stored()
    {
        await Load("JUMP", Minute("JUMP", "14:30", 10), Minute("JUMP", "14:31", 11.01m), Minute("JUMP", "14:32", 11));

        (await Flags("JUMP")).ShouldBe(["(JUMP,14:31)"]);
        (await store.Query<long>("SELECT count(*) FROM market_stock_hist_bars_min_ts WHERE symbol = 'JUMP'"))
            .ShouldBe(3);
    }

    [Fact]
    public async Task a_jump_from_the_day_before_is_flagged_too()
    {
        await Load("NIGHT", "NIGHT,2024-03-07T20:59:00Z,10,10,10,10,5", Minute("NIGHT", "14:30", 12));

        (await Flags("NIGHT")).ShouldBe(["(JUMP,14:30)"]);
    }

    [Fact]
    public async Task a_gap_is_flagged_until_its_bars_come()
    {
        string[] rows =
        [
            Minute("GAP", "14:30", 10), Minute("GAP", "14:31", 10), Minute("GAP", "14:32", 10),
            Minute("GAP", "14:36", 10),
        ];
        await Load("GAP", rows);
        (await Flags("GAP")).ShouldBe(["(GAP,14:36)"]);
        (await store.Query<string>("SELECT detail FROM market_bar_flag WHERE symbol = 'GAP'"))
            .ShouldBe("Bars missing after 14:32: 3.");

        await Load("GAP", Minute("GAP", "14:33", 10), Minute("GAP", "14:34", 10), Minute("GAP", "14:35", 10));

        (await Flags("GAP")).ShouldBeEmpty();
    }

    [Fact]
    public async Task bars_of_five_minutes_have_no_gaps_between_them()
    {
        await Load("FIVE", Minute("FIVE", "14:30", 10), Minute("FIVE", "14:35", 10), Minute("FIVE", "14:40", 10));

        (await Flags("FIVE")).ShouldBeEmpty();
        (await store.Query<TimeSpan>("SELECT spacing FROM daily_price_aggregates WHERE symbol = 'FIVE'"))
            .ShouldBe(TimeSpan.FromMinutes(5));
    }

    [Theory]
    [InlineData(29, 0)]
    [InlineData(30, 1)]
    public async Task half_an_hour_without_volume_is_flagged_at_its_first_bar(int minutes, int flags)
    {
        var symbol = $"ZERO{minutes}";
        var quiet = Enumerable.Range(1, minutes).Select(i => Minute(symbol, $"14:{i:00}", 10, volume: 0));

        await Load(symbol, [Minute(symbol, "14:00", 10), .. quiet, Minute(symbol, "14:59", 10)]);

        (await Flags(symbol)).Count(flag => flag == "(ZERO_VOLUME_RUN,14:01)").ShouldBe(flags);
    }

    [Fact]
    public async Task bars_between_minutes_are_flagged()
    {
        await Load("TICK", "TICK,2024-03-08T14:30:00.5Z,10,10,10,10,5", "TICK,2024-03-08T14:30:07Z,10,10,10,10,5");

        (await Flags("TICK")).ShouldBe(["(OFF_GRID,14:30)"]);
    }

    [Fact]
    public async Task a_volume_that_is_not_whole_is_rounded_and_flagged()
    {
        await Load("COIN", "COIN,2024-03-08T14:30:00Z,10,10,10,10,12.5");

        (await Flags("COIN")).ShouldBe(["(VOLUME_ROUNDED,14:30)"]);
        (await store.Query<long>("SELECT volume FROM market_stock_hist_bars_min_ts WHERE symbol = 'COIN'"))
            .ShouldBe(13);
    }

    private async Task Load(string source, params string[] rows)
    {
        await store.Ingest(BarInterval.Min, source, rows);
        await store.RollUp();
    }

    private Task<string[]> Flags(string symbol) => store.Rows(
        $"SELECT kind, to_char(time AT TIME ZONE 'UTC', 'HH24:MI') AS at FROM market_bar_flag "
        + $"WHERE symbol = '{symbol}' ORDER BY time, kind");
}
