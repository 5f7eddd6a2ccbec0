using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

public sealed class NumberTests(LedgerFixture server) : LedgerTests(server)
{
    private const string Order =
        """
        {"symbol":"KO","side":"BUY","type":"STOP_LIMIT","quantity":1,"limitPrice":1,"stopPrice":1,"estimatedFees":0}
        """;

    private const string Fill =
        """{"executionId":"X","quantity":1,"price":1,"commission":0,"tax":0,"feeQuantity":0,"amount":1}""";

    private const string Recorded =
        """
        {"executionId":"X","symbol":"KO","side":"BUY","quantity":1,"price":1,"commission":0,"tax":0,"feeQuantity":0,
        "amount":1}
        """;

    private const string Replacement = """{"quantity":1,"limitPrice":1}""";

    private const string Funding = """{"type":"DEPOSIT","amount":1}""";

    // Route, body, and the fields of it that are numbers above zero.
    private static readonly (string Path, string Body, string[] Fields)[] Amounts =
    [
        ("/api/portfolios/P/orders", Order, ["quantity"]),
        ("/api/portfolios/P/funding", Funding, ["amount"]),
        ("/api/portfolios/P/executions", Recorded, ["quantity"]),
        ("/api/orders/O/executions", Fill, ["quantity"]),
        ("/api/orders/O", Replacement, ["quantity"]),
        ("/api/orders/O/executions/X/correct", Fill.Replace("\"executionId\":\"X\",", ""), ["quantity"]),
    ];

    // Those that may be zero, and not below.
    private static readonly (string Path, string Body, string[] Fields)[] Parts =
    [
        ("/api/portfolios/P/orders", Order, ["estimatedFees"]),
        ("/api/portfolios/P/executions", Recorded, ["feeQuantity"]),
        ("/api/orders/O/executions", Fill, ["feeQuantity"]),
        ("/api/orders/O/executions/X/correct", Fill.Replace("\"executionId\":\"X\",", ""), ["feeQuantity"]),
    ];

    // Whether they may be below zero, an instrument says.
    private static readonly (string Path, string Body, string[] Fields)[] Prices =
    [
        ("/api/portfolios/P/orders", Order, ["limitPrice", "stopPrice"]),
        ("/api/orders/O", Replacement, ["limitPrice"]),
        ("/api/portfolios/P/executions", Recorded, ["price"]),
        ("/api/orders/O/executions", Fill, ["price"]),
        ("/api/orders/O/executions/X/correct", Fill.Replace("\"executionId\":\"X\",", ""), ["price"]),
    ];

    private static readonly (string Path, string Body, string[] Fields)[] Fees =
    [
        ("/api/portfolios/P/executions", Recorded, ["commission", "tax", "amount"]),
        ("/api/orders/O/executions", Fill, ["commission", "tax", "amount"]),
        ("/api/orders/O/executions/X/correct", Fill.Replace("\"executionId\":\"X\",", ""), ["commission", "tax"]),
    ];

    [Theory]
    [InlineData("0")]
    [InlineData("\"-0\"")]
    [InlineData("0.00000000")]
    [InlineData("\"0\"")]
    public Task zero_is_refused_where_an_amount_is_needed(string token) => RefusesIn(Amounts, token);

    [Theory]
    [InlineData("-1")]
    [InlineData("\"-0.00000001\"")]
    public async Task what_is_below_zero_is_refused_where_only_a_fee_may_be(string token)
    {
        await RefusesIn(Amounts, token);
        await RefusesIn(Parts, token);
    }

    [Theory]
    [InlineData("/api/portfolios/P/orders", Order, "0")]
    [InlineData("/api/portfolios/P/orders", Order, "-0.01")]
    [InlineData("/api/portfolios/P/executions", Recorded, "-0.01")]
    public async Task a_price_is_above_zero_where_its_instrument_says_nothing(string path, string body, string price)
    {
        var portfolio = await Server.Api.OpenPortfolio(1_000m);
        var named = body.Replace("\"limitPrice\":1", $"\"limitPrice\":{price}").Replace(
            "\"price\":1", $"\"price\":{price}");

        var refused = await Server.Api.SendRaw(HttpMethod.Post, path.Replace("P/", $"{portfolio}/"), named);
        refused.ShouldBeProblem(422, "price-not-positive").Text("detail").ShouldContain("allowsNonPositivePrice");
        (await Server.Api.Get($"/api/portfolios/{portfolio}/orders")).Items.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("-999999999999999999999999999999999999")]
    [InlineData("\"NaN\"")]
    [InlineData("\"Infinity\"")]
    [InlineData("\"-Infinity\"")]
    [InlineData("\"∞\"")]
    [InlineData("1e400")]
    [InlineData("1e-400")]
    [InlineData("1e5")]
    [InlineData("\"1e5\"")]
    [InlineData("\"\"")]
    [InlineData("\" 1\"")]
    [InlineData("\"1 \"")]
    [InlineData("\"1\\u0000\"")]
    [InlineData("\"1\\n\"")]
    [InlineData("\"1,000\"")]
    [InlineData("\"$1\"")]
    [InlineData("\"(1)\"")]
    [InlineData("\"0x10\"")]
    [InlineData("\"１２\"")]
    [InlineData("\"٣\"")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("\"null\"")]
    public async Task what_is_not_a_plain_number_is_refused(string token)
    {
        await RefusesIn(Amounts, token);
        await RefusesIn(Parts, token);
        await RefusesIn(Prices, token);
        await RefusesIn(Fees, token);
    }

    [Theory]
    [InlineData("0.0000000000000000001")]
    [InlineData("\"1.1234567890123456789\"")]
    [InlineData("1.0000000000000000000000000000000000000001")]
    [InlineData("\"1.000000000000000000000000000000000000000\"")]
    [InlineData("1000000000000")]
    [InlineData("\"999999999999.9999999999999999\"")]
    [InlineData("79228162514264337593543950335")]
    [InlineData("79228162514264337593543950336")]
    [InlineData("1234567890123456789012345678901234567890")]
    public async Task numbers_that_would_be_rounded_or_are_enormous_are_refused(string token)
    {
        await RefusesIn(Amounts, token);
        await RefusesIn(Parts, token);
        await RefusesIn(Prices, token);
        await RefusesIn(Fees, token);
    }

    [Fact]
    public async Task a_required_number_that_is_null_or_missing_is_refused_by_name()
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        await Server.RefusesField("amount", api => api.Post(Funds(portfolio), new { type = "DEPOSIT" }));
        await Server.RefusesField("amount", api => api.SendRaw(
            HttpMethod.Post, Funds(portfolio), """{"type":"DEPOSIT","amount":null}"""));
        var without = Order.Replace("\"quantity\":1", "\"quantity\":null");
        await Server.RefusesField("quantity", api => api.SendRaw(
            HttpMethod.Post, $"/api/portfolios/{portfolio}/orders", without));
    }

    [Theory]
    [InlineData("\"2.50\"")]
    [InlineData("2.5")]
    [InlineData("\"2.500000000000\"")]
    [InlineData("\"0002.5\"")]
    public async Task the_same_number_is_the_same_however_it_is_written(string token)
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        var funded = await Server.Api.SendRaw(
            HttpMethod.Post, Funds(portfolio), $$"""{"type":"DEPOSIT","amount":{{token}}}""");
        funded.Expect(HttpStatusCode.Created);
        (await Server.Api.Get($"/api/portfolios/{portfolio}")).Text("cashBalance").ShouldBe("2.5");
    }

    [Theory]
    [InlineData("USD", "0.001")]
    [InlineData("USD", "1.00000001")]
    [InlineData("JPY", "0.5")]
    public async Task cash_that_no_coin_can_pay_is_refused(string currency, string amount)
    {
        var opened = await Server.Api.Post("/api/portfolios", new { userId = 1, name = $"{Guid.NewGuid()}", currency });
        await Server.Refuses(422, "amount-too-precise", api => api.Post(
            Funds(opened.Expect(HttpStatusCode.Created).Id("portfolioId")), new { type = "DEPOSIT", amount }));
    }

    [Fact]
    public async Task an_order_worth_too_much_is_refused_and_on_the_record()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var refused = await Server.RefusesOnRecord("amount-too-large", api => api.PlaceOrder(
            portfolio, "BUY", "KO", 999_999_999_999.99999999m, 999_999_999_999.99999999m));
        var order = await Server.Api.Get($"/api/orders/{refused.Id("orderId")}");
        order.Text("status").ShouldBe("REJECTED");
        order.Text("quantity").ShouldBe("999999999999.99999999");
    }

    [Fact]
    public async Task balances_and_fills_that_would_outgrow_the_ledger_are_refused()
    {
        var portfolio = await Server.Api.OpenPortfolio(999_999_999_999.99m);
        await Server.Refuses(422, "amount-too-large", api => api.Post(
            Funds(portfolio), new { type = "DEPOSIT", amount = "0.01" }));
        await Server.Refuses(422, "amount-too-large", api => api.Post(
            $"/api/portfolios/{portfolio}/executions",
            new { executionId = "big", symbol = "KO", side = "BUY", quantity = "999999999999", price = "2" }));
        var order = await Server.Place(portfolio, "BUY", "KO", 10m, 1m);
        await Server.Refuses(422, "amount-too-large", api => api.Execute(order, "big", 10m, 999_999_999_999m));
        await Server.Refuses(422, "amount-too-large", api => api.Post(
            $"/api/orders/{order}/executions",
            new { executionId = "fee", quantity = 1, price = 1, commission = "999999999999", tax = "999999999999" }));
    }

    [Fact]
    public async Task a_first_day_of_many_large_deposits_is_booked_or_refused()
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        for (var i = 0; i < 11; i++)
        {
            foreach (var type in new[] { "DEPOSIT", "WITHDRAWAL" })
                ShouldBeDecided(await Server.Api.Post(Funds(portfolio), new { type, amount = "990000000000" }));
        }
    }

    [Fact]
    public async Task purchases_of_a_round_trip_that_add_up_to_a_trillion_are_booked_or_refused()
    {
        var portfolio = await Server.Api.OpenPortfolio(100_000m);
        for (var i = 0; i < 3; i++)
        {
            ShouldBeDecided(await Penny(portfolio, "BUY", $"b{i}", "490000000000"));
            ShouldBeDecided(await Penny(portfolio, "SELL", $"s{i}", "489999999999"));
        }
    }

    [Fact]
    public async Task a_position_of_most_of_a_trillion_can_be_sold_again()
    {
        var portfolio = await Server.Api.OpenPortfolio(100_000m);
        (await Penny(portfolio, "BUY", "b", "900000000000")).Expect(HttpStatusCode.Created);
        (await Penny(portfolio, "SELL", "s", "900000000000")).Expect(HttpStatusCode.Created);
    }

    private Task<ApiAnswer> Penny(int portfolio, string side, string executionId, string quantity) => Server.Api.Post(
        $"/api/portfolios/{portfolio}/executions",
        new { executionId, symbol = "PENNY", side, quantity, price = "0.00000001" });

    private static void ShouldBeDecided(ApiAnswer answer)
    {
        if (answer.Status != HttpStatusCode.Created)
            answer.Slug.ShouldBeOneOf("amount-too-large", "insufficient-shares", "insufficient-cash");
    }

    private static string Funds(int portfolio) => $"/api/portfolios/{portfolio}/funding";

    private async Task RefusesIn((string Path, string Body, string[] Fields)[] routes, string token)
    {
        var portfolio = await Server.Api.OpenPortfolio(1000m);
        var order = await Server.Place(portfolio, "BUY", "KO", 10m, 10m);
        foreach (var (path, body, fields) in routes)
        {
            var target = path.Replace("/P/", $"/{portfolio}/").Replace("/O", $"/{order}");
            var method = path == "/api/orders/O" ? HttpMethod.Patch : HttpMethod.Post;
            foreach (var field in fields)
            {
                var wrong = System.Text.RegularExpressions.Regex.Replace(
                    body, $"\"{field}\":[01]", $"\"{field}\":{token.Replace("$", "$$")}");
                wrong.ShouldNotBe(body);
                await Server.RefusesField(field, api => api.SendRaw(method, target, wrong));
            }
        }
    }
}
