using Bifrost.Harness;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Prices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Bifrost.Api.Tests.Events;

public sealed class PriceStreamTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static readonly DateTime Noon = new(2026, 3, 2, 12, 0, 0, DateTimeKind.Utc);

    private PriceFeed Feed => server.Services.GetRequiredService<PriceFeed>();

    [Fact]
    public async Task a_price_is_told_with_its_bar_and_does_not_move_where_a_client_comes_back()
    {
        var portfolio = await server.Api.OpenPortfolio(0m);
        await using var stream = await EventListener.Open(server.Url);
        await server.Api.Post($"/api/portfolios/{portfolio}/close");
        var sequence = (await stream.Sequences(1)).Single();

        await Feed.Publish([new LastPrice("ORCL", 45.10m, 1200, Noon, BarInterval.Min)]);

        var message = (await stream.Next())!.Value;
        message.EventType.ShouldBe("price.updated");
        message.EventId.ShouldBeNull();
        message.Data.ShouldBe(
            """{"prices":[{"symbol":"ORCL","price":"45.1","volume":1200,"""
            + "\"time\":\"2026-03-02T12:00:00Z\",\"interval\":\"min\"}]}");
        stream.LastEventId.ShouldBe($"{sequence}");
    }

    [Fact]
    public async Task prices_that_change_all_the_time_are_told_now_and_then_and_the_last_one_is_told()
    {
        await using var stream = await EventListener.Open(server.Url);
        for (var i = 1; i <= 10_000; i++)
            await Feed.Publish([Price("FAST", i, i), Price("FASTER", 2 * i, i)]);

        var (messages, told) = (0, new Dictionary<string, string>());
        while (told.GetValueOrDefault("FAST") != "10000" || told.GetValueOrDefault("FASTER") != "20000")
        {
            foreach (var (symbol, price) in await stream.Prices())
                told[symbol] = price;
            messages++;
        }
        messages.ShouldBeLessThan(1_000);
    }

    [Fact]
    public async Task a_stream_without_prices_has_none()
    {
        var portfolio = await server.Api.OpenPortfolio(0m);
        await using var without = await EventListener.Open(server.Url, "prices=false");
        await using var with = await EventListener.Open(server.Url, "prices=true");

        await Feed.Publish([Price("NONE", 1m)]);
        (await with.Prices()).ShouldBe([("NONE", "1")]);
        await server.Api.Post($"/api/portfolios/{portfolio}/close");

        (await without.Next())!.Value.EventType.ShouldBe("portfolio_closed");
    }

    [Fact]
    public async Task a_stream_narrowed_to_symbols_has_the_prices_of_no_other()
    {
        await using var all = await EventListener.Open(server.Url);
        await using var narrow = await EventListener.Open(server.Url, "symbols=brk-b,%5EGSPC,btc%2Fusdt,m%26m.ns");

        await Feed.Publish([Price("OTHER", 1m)]);
        (await all.Prices()).ShouldBe([("OTHER", "1")]);
        await Feed.Publish([
            Price("OTHER", 2m, 1), Price("BRK-B", 3m), Price("^GSPC", 4m), Price("BTC/USDT", 5m), Price("M&M.NS", 6m),
        ]);

        (await narrow.Prices()).ShouldBe(
            [("BRK-B", "3"), ("^GSPC", "4"), ("BTC/USDT", "5"), ("M&M.NS", "6")], ignoreOrder: true);
    }

    [Fact]
    public async Task what_is_older_than_what_was_told_is_not_told()
    {
        await using var stream = await EventListener.Open(server.Url);
        await Feed.Publish([Price("OLD", 2m, minutes: 1)]);
        (await stream.Prices()).ShouldBe([("OLD", "2")]);

        await Feed.Publish([Price("OLD", 1m)]);
        await Feed.Publish([Price("OLD", 2m, minutes: 1)]);
        await Feed.Publish([Price("OLD", 2.5m, minutes: 1)]);

        (await stream.Prices()).ShouldBe([("OLD", "2.5")]);
    }

    [SkippableFact]
    public async Task prices_that_one_server_learns_of_are_told_by_the_others()
    {
        await using var redis = TestRedis.OrSkip();
        var (one, other) = (await WithRedis(redis), await WithRedis(redis));
        await using var _ = one;
        await using var __ = other;
        await using var stream = await EventListener.Open(new Uri(other.Urls.Single()));
        await other.Services.GetRequiredService<PriceFeed>().Listening.WaitAsync(EventListener.Patience);

        await one.Services.GetRequiredService<PriceFeed>().Publish([Price("FAR", 7m)]);

        (await stream.Prices()).ShouldBe([("FAR", "7")]);
    }

    private async Task<WebApplication> WithRedis(TestRedis redis)
    {
        var (app, api) = await server.StartAnother(options => options with { Redis = redis.Server });
        api.Dispose();
        return app;
    }

    private static LastPrice Price(string symbol, decimal price, int minutes = 0) =>
        new(symbol, price, 0, Noon.AddMinutes(minutes), BarInterval.Min);
}
