using System.Collections.Concurrent;
using Bifrost.MarketData.Prices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using static Bifrost.MarketData.Tests.Prices.Quotes;

namespace Bifrost.MarketData.Tests.Prices;

public sealed class RedisOutageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Nothing listens on port 1 of a machine that is used for tests.
    private const string Nowhere = "127.0.0.1:1";

    [Fact]
    public async Task a_server_that_is_away_fails_neither_reads_nor_writes_nor_announcements()
    {
        var log = new LinesOf<RedisConnection>();
        await using var redis = new RedisConnection(Nowhere, log);
        var prices = new RedisPrices(redis, "p:");
        var feed = new PriceFeed(NullLogger<PriceFeed>.Instance, redis, "p:");
        var heard = new List<LastPrice>();
        using var subscriber = feed.Subscribe(heard.AddRange);

        for (var i = 0; i < 10; i++)
        {
            (await prices.Put([Price(1m)])).ShouldBe([Price(1m)]);
            (await prices.Get(["ORCL"])).ShouldBeEmpty();
            await feed.Publish([Price(1m)]);
        }

        (await redis.Answers()).ShouldBeFalse();
        heard.Count.ShouldBe(10);
        log.Warnings.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task a_name_that_does_not_resolve_is_a_server_that_is_away()
    {
        await using var redis = new RedisConnection("redis.invalid:6379", NullLogger<RedisConnection>.Instance);
        (await redis.Answers()).ShouldBeFalse();
    }

    [Theory]
    [InlineData("127.0.0.1:6379", true)]
    [InlineData("redis", true)]
    [InlineData("redis:6379,password=secret", true)]
    [InlineData("", false)]
    [InlineData("redis://127.0.0.1:6379", false)]
    [InlineData("redis:port", false)]
    [InlineData("redis:99999", false)]
    [InlineData("colour=blue", false)]
    public void a_server_is_named_by_host_and_port(string text, bool isServer) =>
        RedisConnection.IsServer(text).ShouldBe(isServer);

    [SkippableFact]
    public async Task a_server_that_comes_back_is_found_again_by_reads_writes_and_subscribers()
    {
        await using var test = TestRedis.OrSkip();
        await using var door = new Door(test.Server, isOpen: false);
        var log = new LinesOf<RedisConnection>();
        await using var redis = new RedisConnection(door.Server, log);
        await using var direct = new RedisConnection(test.Server, NullLogger<RedisConnection>.Instance);
        var prices = new RedisPrices(redis, test.Prefix);
        var feed = new PriceFeed(NullLogger<PriceFeed>.Instance, redis, test.Prefix);
        var other = new PriceFeed(NullLogger<PriceFeed>.Instance, direct, test.Prefix);
        var heard = new ConcurrentQueue<LastPrice>();
        using var subscriber = feed.Subscribe(all => heard.Enqueue(all[0]));
        await prices.Put([Price(1m)]);

        door.Open();
        await Until(async () => (await prices.Put([Price(2m)]), await prices.Known()) is (_, { Price: 2m }));
        door.Shut();
        await Until(async () => !await redis.Answers());
        (await prices.Known()).ShouldBeNull();
        door.Open();
        await Until(async () => await prices.Known() is { Price: 2m });
        await Until(async () =>
        {
            await other.Publish([Price(3m)]);
            return heard.Contains(Price(3m));
        });

        // At least, because the client may lose a connection by itself while it makes it.
        log.Warnings.Count.ShouldBeGreaterThanOrEqualTo(2);
    }

    private static Task Until(Func<Task<bool>> isSo) =>
        Eventually.Is(isSo, Patience, () => "It does not come to it.");

    private sealed class LinesOf<T> : ILogger<T>
    {
        public ConcurrentQueue<string> Warnings { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
                Warnings.Enqueue(formatter(state, exception));
        }
    }
}
