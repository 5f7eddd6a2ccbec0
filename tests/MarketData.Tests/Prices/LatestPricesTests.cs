using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Prices;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using static Bifrost.MarketData.Tests.Prices.Quotes;

namespace Bifrost.MarketData.Tests.Prices;

/// <summary>What holds wherever prices are kept.</summary>
public abstract class LatestPricesTests
{
    [SkippableFact]
    public Task a_price_is_read_as_it_was_put() => Over(async prices =>
    {
        LastPrice[] all =
        [
            new("ORCL", 0.00000001m, 0, Noon, BarInterval.Min),
            new("BRK-B", 123456789012.12345678m, long.MaxValue, Noon.AddTicks(10), BarInterval.Hour),
            new("^GSPC", 45.10m, 1200, Noon.Date, BarInterval.Day),
        ];
        (await prices.Put(all)).ShouldBe(all);

        var known = await prices.Get(["^GSPC", "ORCL", "BRK-B"]);

        known.Values.OrderBy(price => price.Volume).ShouldBe(all.OrderBy(price => price.Volume));
        known.ShouldAllBe(entry => entry.Key == entry.Value.Symbol);
    });

    [SkippableFact]
    public Task what_is_not_known_is_left_out() => Over(async prices =>
    {
        await prices.Put([Price(1m)]);
        (await prices.Get(["KO", "ORCL"])).Keys.ShouldBe(["ORCL"]);
        (await prices.Get([])).ShouldBeEmpty();
        (await prices.Put([])).ShouldBeEmpty();
    });

    [SkippableFact]
    public Task a_newer_price_takes_the_place_of_an_older_one() => Over(async prices =>
    {
        await prices.Put([Price(1m)]);
        (await prices.Put([Price(2m, minutes: 1)])).ShouldHaveSingleItem();
        (await prices.Known()).ShouldBe(Price(2m, minutes: 1));
    });

    [SkippableFact]
    public Task a_stale_price_loses_and_is_not_news() => Over(async prices =>
    {
        await prices.Put([Price(2m, minutes: 1)]);
        (await prices.Put([Price(1m), Price(9m, symbol: "KO")])).ShouldBe([Price(9m, symbol: "KO")]);
        (await prices.Known()).ShouldBe(Price(2m, minutes: 1));
    });

    [SkippableFact]
    public Task a_price_of_the_same_time_replaces_as_a_correction_does() => Over(async prices =>
    {
        await prices.Put([Price(1m)]);
        (await prices.Put([Price(2m)])).ShouldHaveSingleItem();
        (await prices.Known()).ShouldBe(Price(2m));
    });

    [SkippableFact]
    public Task of_bars_that_began_together_the_finest_counts() => Over(async prices =>
    {
        await prices.Put([Price(1m, interval: BarInterval.Hour)]);
        (await prices.Put([Price(2m, interval: BarInterval.Day)])).ShouldBeEmpty();
        (await prices.Put([Price(3m, interval: BarInterval.Min)])).ShouldHaveSingleItem();
        (await prices.Put([Price(4m, interval: BarInterval.Hour)])).ShouldBeEmpty();
        (await prices.Known()).ShouldBe(Price(3m, interval: BarInterval.Min));
    });

    [SkippableFact]
    public Task fractions_of_a_second_are_times_too() => Over(async prices =>
    {
        LastPrice At(double seconds) => Price((decimal)seconds + 1) with { Time = Noon.AddSeconds(seconds) };
        await prices.Put([At(0.5)]);
        (await prices.Put([At(0)])).ShouldBeEmpty();
        (await prices.Put([At(0.25)])).ShouldBeEmpty();
        (await prices.Put([At(0.75)])).ShouldHaveSingleItem();
        (await prices.Put([At(1)])).ShouldHaveSingleItem();
        (await prices.Known()).ShouldBe(At(1));
    });

    [SkippableFact]
    public Task more_prices_than_fit_one_call_are_all_kept() => Over(async prices =>
    {
        LastPrice[] all = [.. Enumerable.Range(0, 1_234).Select(n => Price(n, symbol: $"S{n}"))];
        (await prices.Put(all)).ShouldBe(all);
        (await prices.Get([.. all.Select(price => price.Symbol)])).Values.ShouldBe(all, ignoreOrder: true);
    });

    [SkippableFact]
    public Task whatever_the_order_of_arrival_the_price_that_supersedes_all_others_is_known() => Over(prices =>
    {
        var round = 0;
        var price = from minutes in Gen.Choose(0, 3)
                    from interval in Gen.Elements(BarInterval.Min, BarInterval.Hour, BarInterval.Day)
                    from cents in Gen.Choose(1, 1_000_000)
                    select Price(cents / 100m, minutes, interval);
        var property = Prop.ForAll(
            Arb.From(Gen.NonEmptyListOf(price)), offered => LastStays(prices, $"S{round++}", offered).Wait());
        // Properties wait for their tasks, which must not take a thread away from those who end them.
        return Task.Factory.StartNew(
            () => Check.One(Config.QuickThrowOnFailure.WithMaxTest(40), property),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    });

    [SkippableFact]
    public Task writers_at_one_moment_leave_the_newest_price() => Over(async prices =>
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(n => Task.Run(
            () => prices.Put([Price(1m + n, minutes: n * 37 % 200)]))));
        (await prices.Known())!.Time.ShouldBe(Noon.AddMinutes(199));
    });

    private static async Task LastStays(ILatestPrices prices, string symbol, IEnumerable<LastPrice> offered)
    {
        LastPrice? expected = null;
        foreach (var next in offered.Select(price => price with { Symbol = symbol }))
        {
            var isNews = expected is null || next.Supersedes(expected);
            expected = isNews ? next : expected;
            (await prices.Put([next])).Count.ShouldBe(isNews ? 1 : 0);
        }
        (await prices.Get([symbol]))[symbol].ShouldBe(expected);
    }

    protected abstract Task Over(Func<ILatestPrices, Task> test);

    public sealed class InMemory : LatestPricesTests
    {
        protected override Task Over(Func<ILatestPrices, Task> test) => test(new MemoryPrices());
    }

    public sealed class InRedis : LatestPricesTests
    {
        [SkippableFact]
        public async Task ledgers_with_prefixes_of_their_own_share_a_server()
        {
            await using var redis = TestRedis.OrSkip();
            await using var connection = new RedisConnection(redis.Server, NullLogger<RedisConnection>.Instance);
            var one = new RedisPrices(connection, $"{redis.Prefix}one:");
            var other = new RedisPrices(connection, $"{redis.Prefix}other:");

            await one.Put([Price(1m)]);

            (await other.Known()).ShouldBeNull();
            (await one.Known()).ShouldBe(Price(1m));
        }

        [SkippableFact]
        public async Task a_value_that_is_no_price_is_unknown_and_gives_way()
        {
            await using var redis = TestRedis.OrSkip();
            await using var connection = new RedisConnection(redis.Server, NullLogger<RedisConnection>.Instance);
            var prices = new RedisPrices(connection, redis.Prefix);
            await connection.Try(
                server => server.StringSetAsync($"{redis.Prefix}price:ORCL", "45.10"), false, CancellationToken.None);

            (await prices.Known()).ShouldBeNull();
            (await prices.Put([Price(1m)])).ShouldHaveSingleItem();
            (await prices.Known()).ShouldBe(Price(1m));
        }

        protected override async Task Over(Func<ILatestPrices, Task> test)
        {
            await using var redis = TestRedis.OrSkip();
            await using var connection = new RedisConnection(redis.Server, NullLogger<RedisConnection>.Instance);
            (await connection.Answers()).ShouldBeTrue();
            await test(new RedisPrices(connection, redis.Prefix));
        }
    }
}
