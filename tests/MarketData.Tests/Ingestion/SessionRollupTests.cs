using System.Globalization;
using Bifrost.Instruments;
using Bifrost.MarketData.Bars;

namespace Bifrost.MarketData.Tests.Ingestion;

/// <summary>Days of bars are the sessions of the exchange that their instrument names.</summary>
public sealed class SessionRollupTests(BarStore store) : IClassFixture<BarStore>
{
    [Fact]
    public async Task the_evening_of_a_friday_is_no_saturday()
    {
        await Describe("EVE", "NYSE");
        await Minutes("EVE", "2024-01-05T09:30-05:00", "2024-01-05T19:30-05:00", "2024-01-08T04:00-05:00");

        (await Days("EVE")).ShouldBe(["2024-01-05: 1-2 of 2", "2024-01-08: 3-3 of 1"]);
        (await Weeks("EVE")).ShouldBe(["2024-01-01: 1-2 of 1", "2024-01-08: 3-3 of 1"]);
    }

    [Fact]
    public async Task a_session_that_midnight_of_utc_divides_is_one_day()
    {
        await Describe("DOWN", "ASX");
        await Minutes("DOWN", "2024-01-08T10:00+11:00", "2024-01-08T12:00+11:00", "2024-01-08T15:59+11:00");

        (await Days("DOWN")).ShouldBe(["2024-01-08: 1-3 of 3"]);
        (await Weeks("DOWN")).ShouldBe(["2024-01-08: 1-3 of 1"]);
    }

    [Fact]
    public async Task an_evening_before_belongs_to_the_day_and_sunday_to_monday()
    {
        await Describe("FUT=F", "CME");
        await Minutes(
            "FUT=F", "2024-01-05T16:59-05:00", "2024-01-07T18:00-05:00", "2024-01-08T16:59-05:00",
            "2024-01-08T18:00-05:00", "2024-01-09T09:00-05:00");

        (await Days("FUT=F")).ShouldBe(["2024-01-05: 1-1 of 1", "2024-01-08: 2-3 of 2", "2024-01-09: 4-5 of 2"]);
        (await Weeks("FUT=F")).ShouldBe(["2024-01-01: 1-1 of 1", "2024-01-08: 2-5 of 2"]);
    }

    [Fact]
    public async Task hours_make_days_by_session_as_minutes_do()
    {
        await Describe("HRS", "CME");
        await Bars(BarInterval.Hour, "HRS", "2024-01-07T18:00-05:00", "2024-01-08T16:00-05:00");

        (await Days("HRS")).ShouldBe(["2024-01-08: 1-2 of 2"]);
    }

    [Fact]
    public async Task without_an_exchange_days_are_of_utc()
    {
        await Describe("NONE", null);
        await Minutes("NONE", "2024-01-05T18:59-05:00", "2024-01-05T19:30-05:00");

        (await Days("NONE")).ShouldBe(["2024-01-05: 1-1 of 1", "2024-01-06: 2-2 of 1"]);
    }

    [Fact]
    public async Task late_minutes_go_to_their_session_on_either_side_of_midnight()
    {
        await Describe("TWICE", "ASX");
        await Minutes("TWICE", "2024-01-08T12:00+11:00");
        (await Days("TWICE")).ShouldBe(["2024-01-08: 1-1 of 1"]);

        await store.Ingest(
            BarInterval.Min,
            "late",
            Row("TWICE", "2024-01-08T10:00+11:00", 9),
            Row("TWICE", "2024-01-08T15:00+11:00", 8));
        await store.RollUp();

        (await Days("TWICE")).ShouldBe(["2024-01-08: 9-8 of 3"]);
    }

    [Fact]
    public async Task where_the_exchange_is_named_later_days_are_made_again()
    {
        await Minutes("LATER", "2024-01-05T09:30-05:00", "2024-01-05T19:30-05:00", "2024-01-07T20:00-05:00");
        (await Days("LATER")).ShouldBe(["2024-01-05: 1-1 of 1", "2024-01-06: 2-2 of 1", "2024-01-08: 3-3 of 1"]);

        await Describe("LATER", "NYSE");
        await store.RollUp();
        (await Days("LATER")).ShouldBe(["2024-01-05: 1-2 of 2", "2024-01-08: 3-3 of 1"]);
        (await Weeks("LATER")).ShouldBe(["2024-01-01: 1-2 of 1", "2024-01-08: 3-3 of 1"]);

        await Describe("LATER", "ASX");
        await store.RollUp();
        (await Days("LATER")).ShouldBe(["2024-01-08: 1-3 of 3"]);
        (await Weeks("LATER")).ShouldBe(["2024-01-08: 1-3 of 1"]);

        await Describe("LATER", "");
        await store.RollUp();
        (await Days("LATER")).ShouldBe(["2024-01-05: 1-1 of 1", "2024-01-06: 2-2 of 1", "2024-01-08: 3-3 of 1"]);
        (await store.RollUp()).ShouldBe(0);
    }

    [Fact]
    public async Task days_whose_bars_are_gone_stay_as_they_were_made()
    {
        await Minutes("GONE", "2023-01-06T19:30-05:00", "2024-01-05T19:30-05:00");
        await store.Query<long>(
            "WITH gone AS (DELETE FROM market_stock_hist_bars_min_ts WHERE symbol = 'GONE' AND time < '2024-01-01' "
            + "RETURNING 1) SELECT count(*) FROM gone");

        await Describe("GONE", "NYSE");
        await store.RollUp();

        (await Days("GONE")).ShouldBe(["2023-01-07: 1-1 of 1", "2024-01-05: 2-2 of 1"]);
        (await Weeks("GONE")).ShouldBe(["2023-01-02: 1-1 of 1", "2024-01-01: 2-2 of 1"]);
    }

    [Fact]
    public async Task gaps_are_looked_for_within_a_session()
    {
        await Describe("HOLES", "CME");
        await Minutes(
            "HOLES", "2024-01-07T18:58-05:00", "2024-01-07T18:59-05:00", "2024-01-07T19:00-05:00",
            "2024-01-07T19:04-05:00", "2024-01-08T18:00-05:00");

        (await store.Rows(
            "SELECT kind, detail FROM market_bar_flag WHERE symbol = 'HOLES' AND kind = 'GAP' ORDER BY time"))
            .ShouldBe(["(GAP,\"Bars missing after 00:00: 3.\")"]);
    }

    [Fact]
    public async Task bars_are_kept_under_the_name_that_theirs_leads_to_when_they_began()
    {
        var instruments = new InstrumentStore(store.Source);
        var meta = (await instruments.Describe("META", new InstrumentDescription())).Instrument!;
        var end = new DateTime(2022, 6, 9, 0, 0, 0, DateTimeKind.Utc);
        (await instruments.PutAlias(meta.Id, new InstrumentAlias("*", "FB", null, end))).Refusal.ShouldBeNull();

        await Minutes("FB", "2022-06-08T15:59-04:00", "2022-06-09T09:30-04:00");
        await Minutes("META", "2022-06-08T15:58-04:00");

        (await store.Rows("SELECT symbol, close FROM market_stock_hist_bars_min_ts "
            + "WHERE symbol IN ('FB', 'META') ORDER BY symbol, time"))
            .ShouldBe(["(FB,2)", "(META,1)", "(META,1)"]);
        (await store.Rows("SELECT symbol FROM market_last_price WHERE symbol IN ('FB', 'META') ORDER BY 1"))
            .ShouldBe(["(FB)", "(META)"]);
    }

    [Fact]
    public async Task the_longest_symbol_has_bars_and_rollups()
    {
        const string Longest = "X:BTC/USDT-PERP&A ^B=C.D-EFGHIJK";
        Longest.Length.ShouldBe(32);
        await Minutes(Longest, "2024-01-05T09:30-05:00");

        (await Days(Longest)).ShouldBe(["2024-01-05: 1-1 of 1"]);
    }

    private async Task Describe(string symbol, string? exchange) =>
        (await new InstrumentStore(store.Source).Describe(symbol, new InstrumentDescription { Exchange = exchange }))
            .Refusal.ShouldBeNull();

    private Task Minutes(string symbol, params string[] times) => Bars(BarInterval.Min, symbol, times);

    // Their closes are 1, 2, 3, …
    private async Task Bars(BarInterval interval, string symbol, params string[] times)
    {
        await store.Ingest(interval, "sessions", [.. times.Select((time, at) => Row(symbol, time, at + 1))]);
        await store.RollUp();
    }

    private static string Row(string symbol, string time, int close)
    {
        var at = DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).UtcDateTime;
        return $"{symbol},{at:yyyy-MM-ddTHH:mm:ssZ},{close},{close},{close},{close},100";
    }

    private async Task<string[]> Days(string symbol) => await Told("daily", "day", symbol);

    private async Task<string[]> Weeks(string symbol) => await Told("weekly", "week", symbol);

    private async Task<string[]> Told(string table, string name, string symbol) =>
    [
        .. (await store.Rows(
            $"SELECT to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ': ' || open_price || '-' || close_price "
            + $"|| ' of ' || bar_count FROM {table}_price_aggregates WHERE symbol = '{symbol}' ORDER BY {name}"))
            .Select(row => row.Trim('(', ')', '"')),
    ];
}
