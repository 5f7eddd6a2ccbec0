using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests.TimeTravel;

public sealed class PastTests(LedgerFixture server) : LedgerTests(server)
{
    [Fact]
    public async Task a_portfolio_is_read_as_it_was_after_any_event()
    {
        var (id, sold) = await Traded();
        var bought = (await Fill(id, "A2", "BUY", 5, 30, "2024-03-06T15:00:00Z")).Number("sequence");

        var now = await Server.Api.Get($"/api/portfolios/{id}");
        var then = await Server.Api.Get($"/api/portfolios/{id}?sequence={sold}");
        var before = await Server.Api.Get($"/api/portfolios/{id}?sequence={bought - 1}");

        now.Amount("cashBalance").ShouldBe(970);
        then.Amount("cashBalance").ShouldBe(1120);
        then.Amount("realizedPnl").ShouldBe(120);
        then.Number("sequence").ShouldBe(sold);
        then.Amount("currentValue").ShouldBe(1120);
        // The fill's second event is the last one that was recorded.
        before.Number("version").ShouldBe(now.Number("version") - 1);
    }

    [Fact]
    public async Task what_was_known_at_a_time_is_read_by_that_time()
    {
        var (id, _) = await Traded();
        var recorded = (await Server.Api.Get($"/api/portfolios/{id}")).Text("updatedAt");
        await Fill(id, "LATER", "BUY", 1, 10, "2024-03-06T15:00:00Z");

        var then = await Server.Api.Get($"/api/portfolios/{id}?asOf={recorded}");

        then.Amount("cashBalance").ShouldBe(1120);
        (await Server.Api.Get($"/api/portfolios/{id}/cash-balances?asOf={recorded}"))
            .Items.ShouldHaveSingleItem()!["balance"]!.GetValue<string>().ShouldBe("1120");
    }

    [Fact]
    public async Task a_fact_that_is_reported_late_changes_what_was_true_and_not_what_was_known()
    {
        var (id, sold) = await Traded();
        await Fill(id, "LATE", "BUY", 4, 9, "2024-03-01T16:00:00Z");

        (await Quantity(id, "effective=2024-03-02T00:00:00Z")).ShouldBe("14");
        (await Quantity(id, $"effective=2024-03-02T00:00:00Z&sequence={sold}")).ShouldBe("10");
        (await Quantity(id, $"sequence={sold}")).ShouldBe("0");
        // Lots are matched in the order in which they were bought: the late one was there when the sale came.
        var after = await Server.Api.Get($"/api/portfolios/{id}/holdings?effective=2024-03-05T23:00:00Z&include=lots");
        var holding = after.Items.ShouldHaveSingleItem()!;
        ((string)holding["quantity"]!, (string)holding["costBasis"]!).ShouldBe(("4", "36"));
        var early = await Server.Api.Get($"/api/portfolios/{id}?effective=2024-03-02T00:00:00Z");
        early.Body!["reservedCash"].ShouldBeNull();
        early.Amount("cashBalance").ShouldBe(864);
    }

    [Fact]
    public async Task a_busted_execution_was_known_then_and_was_never_true()
    {
        var id = await Server.Api.OpenPortfolio(1000);
        var order = await Server.Api.Post(
            $"/api/portfolios/{id}/orders",
            new { symbol = "BUST", side = "BUY", type = "LIMIT", quantity = 10, limitPrice = 10 });
        var orderId = order.Expect(HttpStatusCode.Created).Id("orderId");
        var filled = await Server.Api.Post(
            $"/api/orders/{orderId}/executions", new { executionId = "B1", quantity = 10, price = 10 });
        (await Server.Api.Post($"/api/orders/{orderId}/executions/B1/bust", new { })).Expect(HttpStatusCode.OK);

        var known = await Server.Api.Get($"/api/portfolios/{id}/trades?sequence={filled.Number("sequence")}");
        var present = await Server.Api.Get($"/api/portfolios/{id}/trades");
        var truth = await Server.Api.Get($"/api/portfolios/{id}/trades?effective=2099-01-01T00:00:00Z");

        known.Items.ShouldHaveSingleItem()!["status"]!.GetValue<string>().ShouldBe("OPEN");
        present.Items.ShouldBeEmpty();
        truth.Status.ShouldBe(HttpStatusCode.BadRequest);
        (await Server.Api.Get($"/api/portfolios/{id}/trades?effective={DateTime.UtcNow:yyyy-MM-ddTHH:mm:ssZ}"))
            .Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task round_trips_are_listed_as_they_were_page_by_page()
    {
        var (id, sold) = await Traded();
        for (var i = 0; i < 5; i++)
            await Fill(id, $"P{i}", "BUY", 1, 10, "2024-03-07T15:00:00Z", $"PAGE{i}");

        var last = (await Server.Api.Get($"/api/portfolios/{id}/trades")).Items.Count;
        last.ShouldBe(6);
        (await Server.Api.Get($"/api/portfolios/{id}/trades?sequence={sold}"))
            .Items.ShouldHaveSingleItem()!["status"]!.GetValue<string>().ShouldBe("CLOSED");
        var now = (await Server.Api.Get($"/api/portfolios/{id}")).Text("updatedAt");
        var first = await Server.Api.Get($"/api/portfolios/{id}/trades?asOf={now}&limit=4");
        var rest = await Server.Api.Get($"/api/portfolios/{id}/trades?asOf={now}&limit=4&after={first["next"]}");
        (first.Items.Count + rest.Items.Count).ShouldBe(6);
        (await Server.Api.Get($"/api/portfolios/{id}/trades?asOf={now}&symbol=PAGE3&status=OPEN"))
            .Items.Count.ShouldBe(1);
    }

    [Fact]
    public async Task positions_are_valued_with_the_prices_of_then()
    {
        var id = await Server.Api.OpenPortfolio(1000);
        await Fill(id, "M1", "BUY", 10, 20, "2024-03-04T15:00:00Z", "MARKED");
        using var bars = new StringContent(
            """
            symbol,time,open,high,low,close,volume
            MARKED,2024-03-04,20,25,20,24,5
            MARKED,2024-03-05,24,31,24,30,5
            """);
        (await Server.Http.PostAsync("/api/market-data/bars?interval=day", bars)).EnsureSuccessStatusCode();

        // A day's close is true from the end of the day on.
        (await Price(id, "effective=2024-03-05T12:00:00Z")).ShouldBe(("24", "240"));
        (await Price(id, "effective=2024-03-06T00:00:00Z")).ShouldBe(("30", "300"));
        (await Price(id, "effective=2024-03-04T16:00:00Z")).ShouldBe(("20", "200"));
        (await Server.Api.Get($"/api/portfolios/{id}?effective=2024-03-06T00:00:00Z"))
            .Amount("currentValue").ShouldBe(100);
    }

    [Fact]
    public async Task a_trial_balance_is_that_of_then_and_sums_to_zero()
    {
        var (id, sold) = await Traded();
        await Fill(id, "A3", "BUY", 5, 30, "2024-03-06T15:00:00Z");

        var then = await Server.Api.Get($"/api/audit/trial-balance?portfolioId={id}&sequence={sold}");

        then.Number("sequence").ShouldBe(sold);
        then["totals"].AsObject().ShouldAllBe(total => (string)total.Value! == "0");
        then["accounts"].AsArray().Single(a => (string)a!["account"]! == "assets:cash")!["balance"]!
            .GetValue<string>().ShouldBe("1120");
    }

    [Theory]
    [InlineData("portfolios/{0}?asOf=yesterday", "asOf")]
    [InlineData("portfolios/{0}/holdings?sequence=last", "sequence")]
    [InlineData("portfolios/{0}/cash-balances?effective=2024-03-01", "effective")]
    [InlineData("portfolios/{0}/trades?sequence=1&limit=0", "limit")]
    [InlineData("portfolios/{0}/orders?asOf=2024-03-01T00:00:00Z", "asOf")]
    [InlineData("portfolios/{0}/transactions?sequence=1", "sequence")]
    [InlineData("portfolios/{0}/funding?effective=2024-03-01T00:00:00Z", "effective")]
    [InlineData("audit/trial-balance?portfolioId={0}&effective=2024-03-01T00:00:00Z", "effective")]
    public async Task a_moment_that_is_none_or_cannot_be_asked_for_is_refused_by_its_name(string path, string field)
    {
        var id = await Server.Api.OpenPortfolio(10);
        var sequence = (await Server.Api.Get($"/api/portfolios/{id}?sequence=1000000")).Number("sequence");

        var answer = await Server.Api.Get(
            $"/api/{string.Format(System.Globalization.CultureInfo.InvariantCulture, path, id)}"
                .Replace("sequence=1&", $"sequence={sequence}&"));

        answer.Expect(HttpStatusCode.BadRequest)["errors"].AsObject().Select(error => error.Key).ShouldBe([field]);
    }

    [Fact]
    public async Task before_its_first_event_nothing_is_known_of_a_portfolio()
    {
        var id = await Server.Api.OpenPortfolio(10);

        (await Server.Api.Get($"/api/portfolios/{id}?asOf=2001-01-01T00:00:00Z"))
            .Expect(HttpStatusCode.NotFound).Slug.ShouldBe("portfolio-not-found");
    }

    private async Task<(int Portfolio, long Sequence)> Traded()
    {
        var id = await Server.Api.OpenPortfolio(0);
        (await Server.Api.Post(
            $"/api/portfolios/{id}/funding",
            new { type = "DEPOSIT", amount = 1000, occurredAt = "2024-02-29T09:00:00Z" }))
            .Expect(HttpStatusCode.Created);
        await Fill(id, "A1", "BUY", 10, 10, "2024-03-01T15:00:00Z");
        var sold = await Fill(id, "S1", "SELL", 10, 22, "2024-03-05T15:00:00Z");
        return (id, sold.Number("sequence"));
    }

    private async Task<ApiAnswer> Fill(
        int id, string execution, string side, int quantity, int price, string at, string symbol = "PAST")
    {
        var answer = await Server.Api.Post(
            $"/api/portfolios/{id}/executions",
            new { executionId = $"{id}-{execution}", symbol, side, quantity, price, executedAt = at });
        return answer.Expect(HttpStatusCode.Created);
    }

    private async Task<string> Quantity(int id, string moment)
    {
        var holdings = await Server.Api.Get($"/api/portfolios/{id}/holdings?{moment}");
        return (string)holdings.Items.ShouldHaveSingleItem()!["quantity"]!;
    }

    private async Task<(string Price, string Value)> Price(int id, string moment)
    {
        var holdings = await Server.Api.Get($"/api/portfolios/{id}/holdings?{moment}");
        var holding = holdings.Items.ShouldHaveSingleItem()!;
        return ((string)holding["currentPrice"]!, (string)holding["marketValue"]!);
    }
}
