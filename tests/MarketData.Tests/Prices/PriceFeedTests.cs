using System.Threading.Channels;
using Bifrost.MarketData.Prices;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using static Bifrost.MarketData.Tests.Prices.Quotes;

namespace Bifrost.MarketData.Tests.Prices;

public sealed class PriceFeedTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task all_subscribers_hear_what_is_published_until_they_leave()
    {
        var feed = new PriceFeed(NullLogger<PriceFeed>.Instance);
        var (one, other) = (new List<LastPrice>(), new List<LastPrice>());
        using var staying = feed.Subscribe(one.AddRange);
        var leaving = feed.Subscribe(other.AddRange);

        await feed.Publish([Price(1m)]);
        leaving.Dispose();
        await feed.Publish([Price(2m), Price(3m, symbol: "KO")]);

        one.ShouldBe([Price(1m), Price(2m), Price(3m, symbol: "KO")]);
        other.ShouldBe([Price(1m)]);
    }

    [Fact]
    public async Task a_subscriber_that_fails_keeps_nobody_from_hearing()
    {
        var feed = new PriceFeed(NullLogger<PriceFeed>.Instance);
        var heard = new List<LastPrice>();
        using var failing = feed.Subscribe(_ => throw new NotSupportedException("The subscriber fails."));
        using var next = feed.Subscribe(heard.AddRange);

        await feed.Publish([Price(1m)]);
        await feed.Publish([Price(2m)]);

        heard.ShouldBe([Price(1m), Price(2m)]);
    }

    [SkippableFact]
    public async Task two_feeds_over_one_redis_hear_each_other_and_themselves_once()
    {
        await using var redis = TestRedis.OrSkip();
        await using var one = await Process.Start(redis.Server, redis.Prefix);
        await using var other = await Process.Start(redis.Server, redis.Prefix);

        await one.Feed.Publish([Price(1m)]);
        await other.Feed.Publish([Price(2m)]);
        await one.Feed.Publish([Price(3m)]);

        // What is published here is heard at once, what is published elsewhere when Redis brings it.
        (await other.Hear(3)).ShouldBe([Price(1m), Price(2m), Price(3m)], ignoreOrder: true);
        await other.Feed.Publish([Price(4m)]);
        (await one.Hear(4)).ShouldBe([Price(1m), Price(2m), Price(3m), Price(4m)], ignoreOrder: true);
    }

    [SkippableFact]
    public async Task ledgers_with_prefixes_of_their_own_do_not_hear_each_other()
    {
        await using var redis = TestRedis.OrSkip();
        await using var one = await Process.Start(redis.Server, $"{redis.Prefix}one:");
        await using var other = await Process.Start(redis.Server, $"{redis.Prefix}other:");
        await using var neighbour = await Process.Start(redis.Server, $"{redis.Prefix}other:");

        await one.Feed.Publish([Price(1m)]);
        await neighbour.Feed.Publish([Price(2m)]);

        (await other.HearUntil(Price(2m))).ShouldBe([Price(2m)]);
    }

    [SkippableFact]
    public async Task more_prices_than_fit_one_message_are_all_heard()
    {
        await using var redis = TestRedis.OrSkip();
        await using var one = await Process.Start(redis.Server, redis.Prefix);
        await using var other = await Process.Start(redis.Server, redis.Prefix);
        LastPrice[] all = [.. Enumerable.Range(0, 1_234).Select(n => Price(n, symbol: $"S{n}"))];

        await one.Feed.Publish(all);

        // Compared as one, because a failure would print them all.
        (await other.HearUntil(all[^1])).SequenceEqual(all).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task prices_of_another_process_are_heard_in_the_order_in_which_it_published_them()
    {
        await using var redis = TestRedis.OrSkip();
        await using var one = await Process.Start(redis.Server, redis.Prefix);
        await using var other = await Process.Start(redis.Server, redis.Prefix);
        LastPrice[] all = [.. Enumerable.Range(0, 2_000).Select(n => Price(n))];

        foreach (var price in all)
            await one.Feed.Publish([price]);

        (await other.HearUntil(all[^1])).SequenceEqual(all).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task a_message_that_is_not_one_of_prices_is_passed_over()
    {
        await using var redis = TestRedis.OrSkip();
        await using var one = await Process.Start(redis.Server, redis.Prefix);
        await using var other = await Process.Start(redis.Server, redis.Prefix);

        foreach (var message in new[] { "", "[]", "{}", """{"sender":"x","prices":[{"symbol":1}]}""" })
        {
            await one.Redis.Try(
                server => server.PublishAsync(RedisChannel.Literal($"{redis.Prefix}price.updated"), message),
                0,
                CancellationToken.None);
        }
        await one.Feed.Publish([Price(1m)]);

        (await other.HearUntil(Price(1m))).ShouldBe([Price(1m)]);
    }

    /// <summary>A feed as another process has it: with a connection of its own.</summary>
    private sealed class Process : IAsyncDisposable
    {
        private readonly Channel<LastPrice> heard = Channel.CreateUnbounded<LastPrice>();

        private Process(string server, string prefix)
        {
            Redis = new RedisConnection(server, NullLogger<RedisConnection>.Instance);
            Feed = new PriceFeed(NullLogger<PriceFeed>.Instance, Redis, prefix);
            Feed.Subscribe(prices =>
            {
                foreach (var price in prices)
                    heard.Writer.TryWrite(price);
            });
        }

        public RedisConnection Redis { get; }

        public PriceFeed Feed { get; }

        public static async Task<Process> Start(string server, string prefix)
        {
            var process = new Process(server, prefix);
            await process.Feed.Listening.WaitAsync(Patience);
            (await process.Redis.Answers()).ShouldBeTrue();
            return process;
        }

        public async Task<List<LastPrice>> HearUntil(LastPrice last)
        {
            var prices = new List<LastPrice>();
            do
                prices.Add(await heard.Reader.ReadAsync().AsTask().WaitAsync(Patience));
            while (prices[^1] != last);
            return prices;
        }

        public async Task<List<LastPrice>> Hear(int count)
        {
            var prices = new List<LastPrice>();
            while (prices.Count < count)
                prices.Add(await heard.Reader.ReadAsync().AsTask().WaitAsync(Patience));
            return prices;
        }

        public ValueTask DisposeAsync() => Redis.DisposeAsync();
    }
}
