using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

public sealed class PagingTests(LedgerFixture server) : LedgerTests(server)
{
    private static readonly string[] Symbols = ["A", "B", "C", "D", "E"];

    [Theory]
    [InlineData("orders", "orderId", 5)]
    [InlineData("holdings", "holdingId", 5)]
    [InlineData("trades", "tradeId", 5)]
    [InlineData("transactions", "transactionId", 5)]
    [InlineData("funding", "fundingId", 6)]
    [InlineData("cash-balances", "cashBalanceId", 1)]
    public async Task a_list_read_by_pages_gives_each_item_once_and_in_order(string list, string key, int count)
    {
        var path = $"/api/portfolios/{await Portfolio()}/{list}";
        var whole = Keys(await Server.Api.Get(path), key);
        whole.Count.ShouldBe(count);
        whole.ShouldBe(whole.Distinct().Order());
        foreach (var limit in new[] { 1, 2, 5, 1000 })
            (await Pages(path, key, limit)).ShouldBe(whole);
    }

    [Fact]
    public async Task holdings_read_by_pages_have_their_lots()
    {
        var path = $"/api/portfolios/{await Portfolio()}/holdings?include=lots";
        var page = await Server.Api.Get($"{path}&limit=3");
        page.Items.Count.ShouldBe(3);
        page.Items.ShouldAllBe(item => item!["lots"]!.AsArray().Count == 1);
        (await Pages(path, "holdingId", 3)).Count.ShouldBe(5);
    }

    [Fact]
    public async Task portfolios_read_by_pages_come_once_and_of_one_user_only()
    {
        for (var i = 0; i < 7; i++)
        {
            var opened = await Server.Api.Post("/api/portfolios", new { userId = 500 + i % 2, name = $"P{i}" });
            opened.Expect(HttpStatusCode.Created);
        }
        (await Pages("/api/portfolios?userId=500", "portfolioId", 2)).Count.ShouldBe(4);
        (await Pages("/api/portfolios?userId=501", "portfolioId", 2)).Count.ShouldBe(3);
        var all = await Pages("/api/portfolios", "portfolioId", 3);
        all.ShouldBe(all.Distinct());
        all.Count.ShouldBe((int)await Server.Database.Query<long>("SELECT count(*) FROM portfolio"));
    }

    [Fact]
    public async Task a_filter_holds_over_all_pages()
    {
        var path = $"/api/portfolios/{await Portfolio()}/orders";
        (await Pages($"{path}?symbol=a", "orderId", 1)).Count.ShouldBe(1);
        (await Pages($"{path}?status=PENDING", "orderId", 2)).Count.ShouldBe(5);
        (await Pages($"{path}?status=filled", "orderId", 2)).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_page_after_the_end_is_empty()
    {
        var page = await Server.Api.Get("/api/portfolios?after=9223372036854775807");
        page.Expect(HttpStatusCode.OK).Items.ShouldBeEmpty();
        page.Body!["next"].ShouldBeNull();
    }

    private async Task<int> Portfolio()
    {
        var portfolio = await Server.Api.OpenPortfolio(1000m);
        foreach (var symbol in Symbols)
        {
            await Server.Place(portfolio, "BUY", symbol, 1m, 1m);
            (await Server.Api.Post(
                $"/api/portfolios/{portfolio}/executions",
                new { executionId = symbol, symbol, side = "BUY", quantity = 1, price = 1 }))
                    .Expect(HttpStatusCode.Created);
            (await Server.Api.Post($"/api/portfolios/{portfolio}/funding",
                new { type = "DIVIDEND", amount = 1, symbol }))
                .Expect(HttpStatusCode.Created);
        }
        return portfolio;
    }

    private async Task<List<int>> Pages(string path, string key, int limit)
    {
        var (keys, after) = (new List<int>(), (string?)null);
        var query = $"{path}{(path.Contains('?') ? "&" : "?")}limit={limit}";
        do
        {
            var page = await Server.Api.Get(after is null ? query : $"{query}&after={after}");
            page.Expect(HttpStatusCode.OK).Items.Count.ShouldBeLessThanOrEqualTo(limit);
            keys.AddRange(Keys(page, key));
            after = page.Body!["next"]?.GetValue<string>();
        }
        while (after is not null);
        return keys;
    }

    private static List<int> Keys(ApiAnswer page, string key) =>
        [.. page.Expect(HttpStatusCode.OK).Items.Select(item => item![key]!.GetValue<int>())];
}
