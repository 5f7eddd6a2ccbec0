using Bifrost.EventStore;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Storage;
using static Bifrost.MarketData.Tests.Ingestion.BarStore;

namespace Bifrost.MarketData.Tests.Ingestion;

public sealed class StorageTests : IAsyncLifetime
{
    private readonly BarStore store = new();

    public Task InitializeAsync() => store.InitializeAsync();

    public Task DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task the_storage_says_what_it_is()
    {
        var storage = await BarStorage.Find(store.Source);

        storage.Kind.ShouldNotBe(StorageKind.Plain);
        storage.Description.ShouldContain($"TimescaleDB {storage.Version}");
    }

    [Fact]
    public async Task without_timescaledb_plain_tables_hold_the_same_bars_and_rollups()
    {
        await using var database = await EmptyDatabase.CreatePlain();
        await SchemaMigrations.Apply(database.Owner);
        var plain = BarStore.In(database.ConnectionString);
        var rows = Enumerable.Range(0, 500).Select(i =>
            Minute("PLAIN", $"{14 + i / 60}:{i % 60:00}", 10 + i % 37, volume: i % 200 / 60 * i)).ToArray();
        foreach (var each in new[] { store, plain })
        {
            (await each.Ingest(BarInterval.Min, "rows", rows)).ShouldBe(new IngestCounts(500, 500, 0, 0, 0));
            (await each.Ingest(BarInterval.Min, "rows", [.. rows[..9], Minute("PLAIN", "14:09", 99)]))
                .ShouldBe(new IngestCounts(10, 1, 1, 9, 0));
            await each.RollUp();
        }

        (await BarStorage.Find(plain.Source)).Kind.ShouldBe(StorageKind.Plain);
        foreach (var table in new[] { "hourly_price_aggregates", "daily_price_aggregates", "weekly_price_aggregates" })
        {
            var rolledUp = await plain.Rows($"SELECT * FROM {table} ORDER BY 1, 2");
            rolledUp.ShouldNotBeEmpty();
            rolledUp.ShouldBe(await store.Rows($"SELECT * FROM {table} ORDER BY 1, 2"));
        }
        const string Flags = "SELECT * FROM market_bar_flag ORDER BY time, kind";
        (await plain.Rows(Flags)).ShouldBe(await store.Rows(Flags));
        await plain.Source.DisposeAsync();
        await plain.Owner.DisposeAsync();
    }

    [Theory]
    [InlineData(StorageKind.Apache)]
    [InlineData(StorageKind.Plain)]
    public async Task what_is_too_old_is_dropped_and_its_rollups_stay(StorageKind kind)
    {
        var old = $"OLD,{DateTime.UtcNow.Date.AddDays(-400):yyyy-MM-dd}T14:30:00Z,1,1,1,1,1";
        var young = $"OLD,{DateTime.UtcNow.Date.AddDays(-2):yyyy-MM-dd}T14:30:00Z,1,1,1,1,1";
        using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($"{Header}\n{old}\n{young}\n"));
        await store.Ingest(new BarFileOptions { Interval = BarInterval.Min }, "feed", content, onPurpose: false);
        await store.RollUp();

        await new BarRetention(store.Owner, new BarStorage(kind, null)).Apply();

        (await store.Query<long>("SELECT count(*) FROM market_stock_hist_bars_min_ts")).ShouldBe(1);
        (await store.Query<long>("SELECT count(*) FROM daily_price_aggregates")).ShouldBe(2);
    }

    [Fact]
    public async Task old_bars_that_are_loaded_on_purpose_switch_retention_off_and_stay()
    {
        await store.Ingest(BarInterval.Min, "archive", "OLD,2006-01-02T14:30:00Z,1,1,1,1,1");

        await store.Retention.Apply();

        (await store.Query<long>("SELECT count(*) FROM market_stock_hist_bars_min_ts")).ShouldBe(1);
        var rules = await store.Retention.Read();
        rules.Where(rule => rule.Enabled).Select(rule => rule.Interval).ShouldBe([BarInterval.Hour, BarInterval.Day]);
        rules[0].Reason.ShouldContain("archive");
    }

    [Fact]
    public async Task young_bars_that_are_loaded_on_purpose_leave_retention_on()
    {
        var young = DateTime.UtcNow.Date.AddDays(-2);
        await store.Ingest(BarInterval.Min, "young", $"NEW,{young:yyyy-MM-dd}T14:30:00Z,1,1,1,1,1");

        (await store.Retention.Read()).ShouldAllBe(rule => rule.Enabled);
    }

    [Fact]
    public async Task an_operator_sets_how_long_bars_are_kept()
    {
        await store.Retention.Set(BarInterval.Hour, "3 years", enabled: true);
        await store.Retention.Set(BarInterval.Day, keep: null, enabled: false);

        (await store.Retention.Read()).Select(rule => (rule.Interval, rule.Keep, rule.Enabled)).ShouldBe([
            (BarInterval.Min, "6 mons", true),
            (BarInterval.Hour, "3 years", true),
            (BarInterval.Day, "10 years", false),
        ]);
    }
}
