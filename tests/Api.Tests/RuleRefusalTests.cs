using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

public sealed class RuleRefusalTests(LedgerFixture server) : LedgerTests(server)
{
    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("2147483647")]
    public async Task nothing_can_be_done_with_a_portfolio_that_is_not_there(string id)
    {
        var of = $"/api/portfolios/{id}";
        var lists = new[] { "holdings", "orders", "trades", "transactions", "funding", "cash-balances" };
        foreach (var path in lists.Select(list => $"{of}/{list}").Append(of))
            await Server.Refuses(404, "portfolio-not-found", api => api.Get(path));
        await Server.Refuses(404, "portfolio-not-found", api => api.Patch(of, new { name = "x" }));
        await Server.Refuses(404, "portfolio-not-found", api => api.Post($"{of}/close"));
        await Server.Refuses(
            404, "portfolio-not-found", api => api.Post($"{of}/funding", new { type = "FEE", amount = 1 }));
        await Server.Refuses(404, "portfolio-not-found", api => api.Post($"{of}/orders", Market("BUY", 1m)));
        await Server.Refuses(404, "portfolio-not-found", api => api.Post(
            $"{of}/executions", new { executionId = "X", symbol = "KO", side = "BUY", quantity = 1, price = 1 }));
        await Server.Refuses(404, "portfolio-not-found", api => api.Post($"{of}/corporate-actions", new
        {
            type = "SPLIT", symbol = "KO", numerator = 2, denominator = 1, effectiveAt = "2024-03-08T14:30:00Z",
        }));
        var audited = await Server.Api.Get($"/api/audit/trial-balance?portfolioId={id}");
        audited.Status.ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("2147483647")]
    public async Task nothing_can_be_done_with_an_order_that_is_not_there(string id)
    {
        await Server.Refuses(404, "order-not-found", api => api.Get($"/api/orders/{id}"));
        await Server.Refuses(404, "order-not-found", api => api.Patch($"/api/orders/{id}", new { quantity = 1 }));
        await Server.Refuses(404, "order-not-found", api => api.Delete($"/api/orders/{id}"));
        await Server.Refuses(404, "order-not-found", api => api.Post($"/api/orders/{id}/expire"));
    }

    [Fact]
    public async Task an_unknown_user_has_no_portfolios_and_is_made_with_the_first()
    {
        (await Server.Api.Get("/api/portfolios?userId=4711")).Expect(HttpStatusCode.OK).Items.ShouldBeEmpty();
        (await Server.Api.Post("/api/portfolios", new { userId = 4711, name = "First" }))
            .Expect(HttpStatusCode.Created);
        (await Server.Api.Get("/api/portfolios?userId=4711")).Items.Count.ShouldBe(1);
        (await Server.Database.Query<long>("SELECT count(*) FROM auth_user WHERE id = 4711")).ShouldBe(1);
    }

    [Fact]
    public async Task a_withdrawal_over_the_balance_is_refused_and_on_the_record()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var refused = await Server.RefusesOnRecord("insufficient-cash", _ => Withdraw(portfolio, 100.01m));
        refused.Number("portfolioVersion").ShouldBe(3);
        refused.Id("fundingId").ShouldBeGreaterThan(0);
        (await Server.Api.Get($"/api/portfolios/{portfolio}/funding")).Items.Count.ShouldBe(1);
        (await Withdraw(portfolio, 100m)).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task a_withdrawal_over_what_is_free_of_reservations_is_refused()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var order = await Server.Place(portfolio, "BUY", "KO", 6m, 10m);
        await Server.RefusesOnRecord("insufficient-cash", _ => Withdraw(portfolio, 40.01m));
        (await Withdraw(portfolio, 40m)).Expect(HttpStatusCode.Created);
        (await Server.Api.Delete($"/api/orders/{order}")).Expect(HttpStatusCode.OK);
        (await Withdraw(portfolio, 60m)).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task a_sale_of_more_than_is_held_is_refused_and_on_the_record()
    {
        var (portfolio, _) = await Server.OpenWithShares("KO", 10m, 10m);
        var refused = await Server.RefusesOnRecord(
            "insufficient-shares", api => api.PlaceOrder(portfolio, "SELL", "KO", 10.1m, 1m));
        var order = await Server.Api.Get($"/api/orders/{refused.Id("orderId")}");
        order.Text("status").ShouldBe("REJECTED");
        order.Text("rejectedFor").ShouldNotBeEmpty();
        await Server.RefusesOnRecord("insufficient-shares", api => api.PlaceOrder(portfolio, "SELL", "ORCL", 1m, 1m));
    }

    [Fact]
    public async Task shares_reserved_by_another_open_sale_cannot_be_sold()
    {
        var (portfolio, _) = await Server.OpenWithShares("KO", 10m, 10m);
        var first = await Server.Place(portfolio, "SELL", "KO", 6m, 10m);
        await Server.RefusesOnRecord("insufficient-shares", api => api.PlaceOrder(portfolio, "SELL", "KO", 5m, 10m));
        await Server.RefusesOnRecord(
            "insufficient-shares", api => api.Patch($"/api/orders/{first}", new { quantity = 11 }));
        await Server.Refuses(422, "insufficient-shares", api => api.Post(
            $"/api/portfolios/{portfolio}/executions",
            new { executionId = "X", symbol = "KO", side = "SELL", quantity = 5, price = 1 }));
        await Server.Place(portfolio, "SELL", "KO", 4m, 10m);
    }

    [Fact]
    public async Task an_order_over_the_buying_power_is_refused_and_on_the_record()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        await Server.RefusesOnRecord(
            "insufficient-buying-power", api => api.PlaceOrder(portfolio, "BUY", "KO", 10m, 10.01m));
        var order = await Server.Place(portfolio, "BUY", "KO", 10m, 10m);
        await Server.RefusesOnRecord(
            "insufficient-buying-power", api => api.Patch($"/api/orders/{order}", new { quantity = 11 }));
        (await Server.Api.Get($"/api/orders/{order}")).Text("quantity").ShouldBe("10");
    }

    [Fact]
    public async Task an_order_is_not_replaced_by_less_than_is_filled()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var order = await Server.Place(portfolio, "BUY", "KO", 10m, 10m);
        (await Server.Api.Execute(order, "X", 4m, 10m)).Expect(HttpStatusCode.Created);
        await Server.Refuses(
            422, "replacement-too-small", api => api.Patch($"/api/orders/{order}", new { quantity = "3.9" }));
        await Server.Refuses(
            422, "order-terms-do-not-fit", api => api.Patch($"/api/orders/{order}", new { stopPrice = 9 }));
        (await Server.Api.Patch($"/api/orders/{order}", new { quantity = "4.1" })).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task a_name_that_the_user_has_already_is_refused()
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        var name = (await Server.Api.Get($"/api/portfolios/{portfolio}")).Text("name");
        await Server.Refuses(409, "portfolio-name-taken", api => api.Post("/api/portfolios", new { userId = 1, name }));
        await Server.Refuses(409, "portfolio-name-taken", api => api.Post(
            "/api/portfolios", new { userId = 1, name = $" {name}\t" }));
        var other = await Server.Api.OpenPortfolio(0m);
        await Server.Refuses(409, "portfolio-name-taken", api => api.Patch($"/api/portfolios/{other}", new { name }));
        (await Server.Api.Post("/api/portfolios", new { userId = 2, name })).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task a_portfolio_that_is_not_empty_is_not_closed()
    {
        var cash = await Server.Api.OpenPortfolio(1m);
        var (shares, _) = await Server.OpenWithShares("KO", 1m, 1m);
        var ordered = await Server.Api.OpenPortfolio(0m);
        (await Server.Api.Post($"/api/portfolios/{ordered}/orders", Market("BUY", 1m))).Expect(HttpStatusCode.Created);
        foreach (var portfolio in new[] { cash, shares, ordered })
            await Server.Refuses(409, "portfolio-not-empty", api => api.Post($"/api/portfolios/{portfolio}/close"));
    }

    [Fact]
    public async Task a_closed_portfolio_takes_no_commands()
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        var of = $"/api/portfolios/{portfolio}";
        (await Server.Api.Post($"{of}/close")).Expect(HttpStatusCode.OK);
        var state = await Server.ReadState();
        (await Server.Api.Post($"{of}/close")).Expect(HttpStatusCode.OK);
        (await Server.ReadState()).ShouldBe(state);
        await Server.Refuses(409, "portfolio-closed", api => api.Patch(of, new { name = "x" }));
        await Server.Refuses(
            409, "portfolio-closed", api => api.Post($"{of}/funding", new { type = "DEPOSIT", amount = 1 }));
        await Server.Refuses(409, "portfolio-closed", api => api.Post($"{of}/orders", Market("BUY", 1m)));
        await Server.Refuses(409, "portfolio-closed", api => api.Post(
            $"{of}/executions", new { executionId = "X", symbol = "KO", side = "BUY", quantity = 1, price = 1 }));
        (await Server.Api.Get(of))["isActive"].GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task a_bust_makes_no_open_order_in_a_closed_portfolio()
    {
        var (portfolio, _) = await Server.OpenWithShares("KO", 10m, 10m);
        var sale = await Server.Place(portfolio, "SELL", "KO", 10m, 10m);
        (await Server.Api.Execute(sale, "X", 10m, 10m)).Expect(HttpStatusCode.Created);
        (await Withdraw(portfolio, 100m)).Expect(HttpStatusCode.Created);
        (await Server.Api.Post($"/api/portfolios/{portfolio}/close")).Expect(HttpStatusCode.OK);
        await Server.Api.Post($"/api/orders/{sale}/executions/X/bust");
        var open = (await Server.Api.Get($"/api/portfolios/{portfolio}/orders?status=PENDING")).Items.Count;
        (await Server.Api.Get($"/api/portfolios/{portfolio}"))["isActive"].GetValue<bool>().ShouldBe(open > 0);
    }

    [Fact]
    public async Task lots_that_do_not_fit_are_refused_and_on_the_record()
    {
        var (portfolio, _) = await Server.OpenWithShares("KO", 10m, 10m);
        var holding = (await Server.Api.Get($"/api/portfolios/{portfolio}/holdings?include=lots")).Items.Single()!;
        var lot = holding["lots"]![0]!["lotId"]!.GetValue<int>();
        foreach (var (lotId, quantity) in new[] { (lot, 4), (lot, 11), (int.MaxValue, 5) })
        {
            await Server.RefusesOnRecord("lots-do-not-fit", api => api.Post(
                $"/api/portfolios/{portfolio}/orders",
                new
                {
                    symbol = "KO", side = "SELL", type = "MARKET", quantity = 5,
                    lots = new[] { new { lotId, quantity } },
                }));
        }
    }

    [Fact]
    public async Task fees_that_no_coin_can_pay_are_reserved_as_cash_is_paid()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var placed = await Server.Api.Post(
            $"/api/portfolios/{portfolio}/orders",
            new { symbol = "KO", side = "BUY", type = "LIMIT", quantity = 1, limitPrice = 1, estimatedFees = "0.001" });
        ((int)placed.Status).ShouldBeOneOf(201, 400, 422);
        (await Server.Differences()).ShouldBeEmpty();
    }

    private Task<ApiAnswer> Withdraw(int portfolio, decimal amount) =>
        Server.Api.Post($"/api/portfolios/{portfolio}/funding", new { type = "WITHDRAWAL", amount });

    private static object Market(string side, decimal quantity) =>
        new { symbol = "KO", side, type = "MARKET", quantity };
}
