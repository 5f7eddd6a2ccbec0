using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

public sealed class CorporateActionTests(LedgerFixture server) : LedgerTests(server)
{
    private const string All = "/api/corporate-actions";

    [Fact]
    public async Task a_split_of_one_portfolio_changes_its_shares_and_nobody_elses()
    {
        var (one, _) = await Server.OpenWithShares("AAA", 10m, 10m);
        var (other, _) = await Server.OpenWithShares("AAA", 10m, 10m);

        var answer = await Server.Api.Post($"/api/portfolios/{one}/corporate-actions", Split("AAA", 3, 2));

        answer.Expect(HttpStatusCode.Created).Number("portfolioVersion").ShouldBe(8);
        (await Quantity(one), await Quantity(other)).ShouldBe((15m, 10m));
        var lot = (await Server.Api.Get($"/api/portfolios/{one}/holdings?include=lots")).Items.Single()!["lots"]![0]!;
        (lot["quantity"]!.GetValue<string>(), lot["costBasis"]!.GetValue<string>()).ShouldBe(("15", "100"));
        (await Server.Differences()).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_split_of_all_reaches_every_holder_once()
    {
        var holders = new List<int>();
        for (var i = 0; i < 5; i++)
            holders.Add((await Server.OpenWithShares("BBB", 10m + i, 10m)).Portfolio);
        var (bystander, _) = await Server.OpenWithShares("CCC", 10m, 10m);
        var (closed, _) = await Server.OpenWithShares("BBB", 1m, 10m);
        await Empty(closed);
        var (split, key) = (Split("BBB", 2, 1), Guid.NewGuid().ToString());

        var first = (await Server.Api.Post(All, split, key)).Expect(HttpStatusCode.OK);
        var again = (await Server.Api.Post(All, split, key)).Expect(HttpStatusCode.OK);

        first["portfolios"].AsArray().Select(p => p!["portfolioId"]!.GetValue<int>()).ShouldBe(holders);
        first["refused"].AsArray().ShouldBeEmpty();
        again.Body!.ToJsonString().ShouldBe(first.Body!.ToJsonString());
        (first.IsReplayed, again.IsReplayed).ShouldBe((false, true));
        foreach (var (i, holder) in holders.Index())
            (await Quantity(holder)).ShouldBe(2 * (10m + i));
        (await Quantity(bystander)).ShouldBe(10m);
    }

    [Fact]
    public async Task the_whole_effect_of_a_split_of_all_is_found_by_what_its_events_have_in_common()
    {
        for (var i = 0; i < 3; i++)
            await Server.OpenWithShares("HHH", 10m, 10m);
        (await Server.Api.Post(All, Split("HHH", 2, 1))).Expect(HttpStatusCode.OK);
        var split = await Server.Database.Query<string>(
            """
            SELECT correlation_id FROM events.mt_events
            WHERE type = 'holding_split' AND data ->> 'symbol' = 'HHH' LIMIT 1
            """);

        var events = await Server.Api.Get($"/api/audit/events?correlationId={Uri.EscapeDataString(split)}");

        events.Items.Select(e => e!["type"]!.GetValue<string>()).GroupBy(type => type)
            .ToDictionary(type => type.Key, type => type.Count())
            .ShouldBe(new Dictionary<string, int> { ["holding_split"] = 3, ["trade_restated"] = 3 }, ignoreOrder: true);
    }

    [Fact]
    public async Task a_portfolio_that_refuses_keeps_no_other_from_it()
    {
        var (odd, _) = await Server.OpenWithShares("DDD", 10m, 10m);
        var (even, _) = await Server.OpenWithShares("DDD", 10m, 10m);
        var at = DateTimeOffset.UtcNow;
        var (wrong, right) = (Split("DDD", 3, 1, at), Split("DDD", 2, 1, at));
        (await Server.Api.Post($"/api/portfolios/{odd}/corporate-actions", wrong)).Expect(HttpStatusCode.Created);

        var answer = (await Server.Api.Post(All, right)).Expect(HttpStatusCode.OK);

        answer["portfolios"].AsArray().Select(p => p!["portfolioId"]!.GetValue<int>()).ShouldBe([even]);
        var refused = answer["refused"].AsArray().ShouldHaveSingleItem()!;
        refused["portfolioId"]!.GetValue<int>().ShouldBe(odd);
        refused["type"]!.GetValue<string>().ShouldEndWith("#split-differs");
        refused["detail"]!.GetValue<string>().ShouldContain("3 for 1");
        (await Quantity(odd), await Quantity(even)).ShouldBe((30m, 20m));
    }

    [Fact]
    public async Task a_key_that_came_with_another_split_is_refused_everywhere()
    {
        var (portfolio, _) = await Server.OpenWithShares("EEE", 10m, 10m);
        var key = Guid.NewGuid().ToString();
        (await Server.Api.Post(All, Split("EEE", 2, 1), key)).Expect(HttpStatusCode.OK);

        var answer = (await Server.Api.Post(All, Split("EEE", 4, 1), key)).Expect(HttpStatusCode.OK);

        answer["refused"].AsArray().ShouldHaveSingleItem()!["type"]!.GetValue<string>()
            .ShouldEndWith("#idempotency-key-reused");
        (await Quantity(portfolio)).ShouldBe(20m);
    }

    [Fact]
    public async Task what_nobody_holds_is_split_nowhere()
    {
        var answer = (await Server.Api.Post(All, Split("NOBODY", 2, 1))).Expect(HttpStatusCode.OK);
        (answer["portfolios"].AsArray().Count, answer["refused"].AsArray().Count).ShouldBe((0, 0));
    }

    [Fact]
    public async Task a_portfolio_that_never_held_it_is_told_so()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        await Server.Refuses(422, "nothing-to-split", api =>
            api.Post($"/api/portfolios/{portfolio}/corporate-actions", Split("ORCL", 2, 1)));
    }

    [Theory]
    [InlineData("type", null)]
    [InlineData("symbol", null)]
    [InlineData("numerator", null)]
    [InlineData("numerator", 0)]
    [InlineData("numerator", 1_000_001)]
    [InlineData("numerator", 1)]
    [InlineData("denominator", -1)]
    [InlineData("effectiveAt", null)]
    [InlineData("effectiveAt", "9000-01-01T00:00:00Z")]
    public async Task a_split_that_makes_no_sense_is_refused_with_the_field(string field, object? value)
    {
        var (portfolio, _) = await Server.OpenWithShares("FFF", 10m, 10m);
        var split = new Dictionary<string, object?>
        {
            ["type"] = "SPLIT", ["symbol"] = "FFF", ["numerator"] = 2, ["denominator"] = 1,
            ["effectiveAt"] = "2024-03-08T14:30:00Z", [field] = value,
        };
        await Server.RefusesField(field, api => api.Post(All, split));
        await Server.RefusesField(field, api => api.Post($"/api/portfolios/{portfolio}/corporate-actions", split));
    }

    [Fact]
    public async Task a_split_is_explained_and_seen_as_of_its_moment()
    {
        var (portfolio, _) = await Server.OpenWithShares("GGG", 10m, 10m);
        var before = (await Server.Api.Get($"/api/portfolios/{portfolio}")).Number("version");
        var answer = await Server.Api.Post($"/api/portfolios/{portfolio}/corporate-actions", Split("GGG", 2, 1));
        var sequence = answer.Expect(HttpStatusCode.Created).Number("sequence");

        var explained = await Server.Api.Get(
            $"/api/audit/explain?portfolioId={portfolio}&field=quantity&symbol=GGG");
        var then = await Server.Api.Get($"/api/portfolios/{portfolio}/holdings?sequence={sequence - 2}");

        explained.Amount("value").ShouldBe(20m);
        explained["contributions"].AsArray().Select(c => c!["type"]!.GetValue<string>())
            .ShouldBe(["lot_opened", "holding_split"]);
        then.Items.Single()!["quantity"]!.GetValue<string>().ShouldBe("10");
        answer.Number("portfolioVersion").ShouldBe(before + 2);
    }

    private static object Split(string symbol, int numerator, int denominator, DateTimeOffset? at = null) =>
        new { type = "SPLIT", symbol, numerator, denominator, effectiveAt = at ?? DateTimeOffset.UtcNow };

    private async Task<decimal> Quantity(int portfolio) =>
        await Server.Database.Query<decimal>($"SELECT sum(quantity) FROM holding WHERE portfolio_id = {portfolio}");

    private async Task Empty(int portfolio)
    {
        var of = $"/api/portfolios/{portfolio}";
        (await Server.Api.Post($"{of}/executions", new
        {
            executionId = "all", symbol = "BBB", side = "SELL", quantity = 1, price = 10,
        })).Expect(HttpStatusCode.Created);
        (await Server.Api.Post($"{of}/funding", new { type = "WITHDRAWAL", amount = 10 }))
            .Expect(HttpStatusCode.Created);
        (await Server.Api.Post($"{of}/close")).Expect(HttpStatusCode.OK);
    }
}
