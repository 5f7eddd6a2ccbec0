using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Prices;
using Bifrost.MarketData.Tests.Ingestion;
using static Bifrost.MarketData.Tests.Ingestion.BarStore;

namespace Bifrost.MarketData.Tests.Prices;

public sealed class LastPriceTests(BarStore store) : IClassFixture<BarStore>
{
    [Fact]
    public async Task the_latest_bar_tells_the_price_whatever_order_they_come_in()
    {
        await store.Ingest(BarInterval.Min, "a", Minute("LAST", "14:31", 11), Minute("LAST", "14:30", 10));
        (await Price("LAST")).ShouldBe((11m, BarInterval.Min));

        await store.Ingest(BarInterval.Min, "a", Minute("LAST", "14:29", 9));
        (await Price("LAST")).ShouldBe((11m, BarInterval.Min));

        await store.Ingest(BarInterval.Min, "a", Minute("LAST", "14:31", 11.5m));
        (await Price("LAST")).ShouldBe((11.5m, BarInterval.Min));
    }

    [Fact]
    public async Task of_bars_that_begin_together_the_finest_tells_the_price()
    {
        await store.Ingest(BarInterval.Min, "a", "FINE,2024-03-08T00:00:00Z,10,10,10,10,1");
        await store.Ingest(BarInterval.Hour, "b", "FINE,2024-03-08T00:00:00Z,11,11,11,11,1");
        await store.Ingest(BarInterval.Day, "c", "FINE,2024-03-08,12,12,12,12,1");
        (await Price("FINE")).ShouldBe((10m, BarInterval.Min));

        await store.Ingest(BarInterval.Day, "c", "FINE,2024-03-09,13,13,13,13,1");
        (await Price("FINE")).ShouldBe((13m, BarInterval.Day));
    }

    [Fact]
    public async Task a_price_of_the_ledger_has_eighteen_decimals_half_to_even()
    {
        await store.Ingest(BarInterval.Min, "a", "DEEP,2024-03-08T14:30:00Z,1,2,1,1.0000000000000000025,1");

        (await Price("DEEP")).Price.ShouldBe(1.000000000000000002m);
    }

    [Fact]
    public async Task only_what_changed_after_a_version_is_told()
    {
        var prices = new LastPrices(store.Source);
        await store.Ingest(BarInterval.Min, "a", Minute("V1", "14:30", 10), Minute("V2", "14:30", 10));
        var (_, version) = await prices.ChangedAfter(0);

        await store.Ingest(BarInterval.Min, "a", Minute("V1", "14:30", 10), Minute("V2", "14:31", 11));
        var (changed, later) = await prices.ChangedAfter(version);

        changed.Select(price => price.Symbol).ShouldBe(["V2"]);
        later.ShouldBeGreaterThan(version);
        (await prices.ChangedAfter(later)).Prices.ShouldBeEmpty();
    }

    private async Task<(decimal Price, BarInterval Interval)> Price(string symbol)
    {
        var price = (await new LastPrices(store.Source).Of([symbol])).Single();
        return (price.Price, price.Interval);
    }
}
