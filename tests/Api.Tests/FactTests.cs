using System.Net;
using System.Text.Json.Nodes;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

/// <summary>Facts as brokers and venues tell them, each booked once whichever way it comes.</summary>
public sealed class FactTests(LedgerFixture server) : LedgerTests(server)
{
    private const string At = "2024-03-08T14:30:00Z";

    [Fact]
    public async Task one_execution_on_two_roads_is_booked_once()
    {
        var (portfolio, order) = await Ordered();
        var first = (await Report(order, "SAME", new { })).Expect(HttpStatusCode.Created);
        (await Record(portfolio, "SAME", new { })).ShouldReplay(first);
        await Server.Refuses(422, "execution-id-reused", _ => Record(portfolio, "SAME", new { price = 11 }));
        await Server.Refuses(422, "execution-id-reused", _ => Record(portfolio, "SAME", new { side = "SELL" }));
        (await Transactions(portfolio)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task one_execution_on_two_roads_the_other_way_round_is_booked_once()
    {
        var (portfolio, order) = await Ordered();
        var first = (await Record(portfolio, "SAME", new { })).Expect(HttpStatusCode.Created);
        (await Report(order, "SAME", new { })).ShouldReplay(first);
        (await Transactions(portfolio)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task an_id_is_of_one_order_only()
    {
        var (portfolio, order) = await Ordered();
        var other = await Server.Place(portfolio, "BUY", "KO", 50m, 10m);
        (await Report(order, "SAME", new { })).Expect(HttpStatusCode.Created);
        await Server.Refuses(422, "execution-id-reused", _ => Report(other, "SAME", new { }));
    }

    [Theory]
    [InlineData("""{"executedAt": "2024-03-08T09:30:00-05:00"}""")]
    [InlineData("""{"executedAt": "2024-03-08T14:30:00.000Z"}""")]
    [InlineData("""{"commission": "0"}""")]
    [InlineData("""{"tax": 0.00, "feeQuantity": 0}""")]
    [InlineData("""{"symbol": "ko", "side": "buy"}""")]
    [InlineData("""{"quantity": "10.0", "price": 10.000}""")]
    public async Task the_same_fact_spelled_otherwise_is_a_replay(string spelled)
    {
        var portfolio = await Server.Api.OpenPortfolio(1_000m);
        var first = (await Record(portfolio, "X", new { })).Expect(HttpStatusCode.Created);
        (await Record(portfolio, "X", JsonNode.Parse(spelled)!)).ShouldReplay(first);
    }

    [Theory]
    [InlineData("NYSE|123")]
    [InlineData("trade#1")]
    [InlineData("a b%2Fc/d?e")]
    [InlineData("ünïcode ✓")]
    public async Task any_printable_id_is_taken_and_names_its_execution(string id)
    {
        var portfolio = await Server.Api.OpenPortfolio(1_000m);
        (await Record(portfolio, id, new { })).Expect(HttpStatusCode.Created);
        var path = $"/api/portfolios/{portfolio}/executions/{Uri.EscapeDataString(id)}";
        (await Server.Api.Post($"{path}/correct", new { price = 9 })).Expect(HttpStatusCode.OK);
        (await Server.Api.Post($"{path}/bust")).Expect(HttpStatusCode.OK);
        (await Transactions(portfolio)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" x")]
    [InlineData("a\tb")]
    [InlineData("a\u200bb")]
    public async Task an_id_that_nobody_could_print_is_refused(string id)
    {
        var portfolio = await Server.Api.OpenPortfolio(1_000m);
        await Server.RefusesField("executionId", _ => Record(portfolio, id, new { }));
        await Server.RefusesField("executionId", _ => Record(portfolio, new string('x', 201), new { }));
        (await Record(portfolio, new string('x', 200), new { })).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task an_imported_fill_is_corrected_and_busted_by_the_id_of_its_correction()
    {
        var portfolio = await Server.Api.OpenPortfolio(1_000m);
        (await Record(portfolio, "E.01", new { })).Expect(HttpStatusCode.Created);
        var of = $"/api/portfolios/{portfolio}/executions";
        var correction = new { price = 9, correctionId = "E.02" };
        var corrected = (await Server.Api.Post($"{of}/E.01/correct", correction)).Expect(HttpStatusCode.OK);
        (await Server.Api.Post($"{of}/E.01/correct", correction)).ShouldReplay(corrected);
        var row = (await Transactions(portfolio)).Single()!;
        string[] names = ["price", "executionId", "correctionId"];
        names.Select(name => row[name]!.GetValue<string>()).ShouldBe(["9", "E.01", "E.02"]);
        await Server.Refuses(422, "execution-id-reused", _ => Record(portfolio, "E.02", new { }));
        (await Server.Api.Post($"{of}/E.02/bust")).Expect(HttpStatusCode.OK);
        (await Cash(portfolio)).ShouldBe("1000");
        await Server.Refuses(404, "execution-not-found", api => api.Post($"{of}/E.03/bust"));
        await Server.RefusesField("correctionId", api => api.Post($"{of}/E.01/correct", new { correctionId = "E.01" }));
    }

    [Fact]
    public async Task a_fill_of_an_order_is_amended_by_the_portfolio_s_road_as_well()
    {
        var (portfolio, order) = await Ordered();
        (await Report(order, "E.01", new { })).Expect(HttpStatusCode.Created);
        (await Server.Api.Post(
            $"/api/orders/{order}/executions/E.01/correct", new { price = 9, correctionId = "E.02" }))
            .Expect(HttpStatusCode.OK);
        var busted = await Server.Api.Post($"/api/portfolios/{portfolio}/executions/E.02/bust");
        (busted.Expect(HttpStatusCode.OK).Text("status"), await Cash(portfolio)).ShouldBe(("PENDING", "1000"));
    }

    [Fact]
    public async Task what_moved_is_stated_and_a_fee_may_be_below_zero_or_in_shares()
    {
        var portfolio = await Server.Api.OpenPortfolio(1_000m);
        var stated = new { quantity = 11.2663m, price = 8.88m, amount = "100.00" };
        (await Record(portfolio, "a", stated)).Expect(HttpStatusCode.Created);
        var rebate = new { symbol = "ORCL", quantity = 10, price = 10, commission = -0.25m };
        (await Record(portfolio, "b", rebate)).Expect(HttpStatusCode.Created);
        var coin = new { symbol = "BTC-USD", quantity = 0.000331m, price = 60_000, feeQuantity = 0.00000033m };
        (await Record(portfolio, "c", coin)).Expect(HttpStatusCode.Created);
        (await Cash(portfolio)).ShouldBe("780.39");
        var holdings = (await Server.Api.Get($"/api/portfolios/{portfolio}/holdings")).Items;
        holdings.Select(h => (h!["symbol"]!.GetValue<string>(), h["quantity"]!.GetValue<string>(),
            h["costBasis"]!.GetValue<string>())).ShouldBe(
            [("KO", "11.2663", "100"), ("ORCL", "10", "99.75"), ("BTC-USD", "0.00033067", "19.86")], ignoreOrder: true);
        await Server.Refuses(422, "amount-contradicts", _ => Record(portfolio, "d", new { amount = 1 }));
        await Server.Refuses(422, "amount-too-precise", _ => Record(portfolio, "d", new { amount = 100.001m }));
        await Server.Refuses(422, "fee-takes-all", _ => Record(portfolio, "d", new { feeQuantity = 10 }));
    }

    [Fact]
    public async Task a_late_fill_does_not_set_the_price_and_a_round_trip_agrees_with_its_holding()
    {
        var opened = await Server.Api.Post(
            "/api/portfolios", new { userId = 1, name = $"{Guid.NewGuid()}", allowShort = true });
        var portfolio = opened.Expect(HttpStatusCode.Created).Id("portfolioId");
        (await Record(portfolio, "a", new { symbol = "LATE", price = 20, executedAt = "2024-02-01T10:00:00Z" }))
            .Expect(HttpStatusCode.Created);
        (await Record(portfolio, "b", new { symbol = "LATE", executedAt = "2024-01-02T10:00:00Z" }))
            .Expect(HttpStatusCode.Created);
        (await Record(portfolio, "c", new { symbol = "SHORT", side = "SELL", quantity = 1, price = 0.42m }))
            .Expect(HttpStatusCode.Created);
        (await Record(portfolio, "d", new { symbol = "SHORT", quantity = 1, price = 0.395m }))
            .Expect(HttpStatusCode.Created);
        var holdings = (await Server.Api.Get($"/api/portfolios/{portfolio}/holdings")).Items
            .ToDictionary(h => h!["symbol"]!.GetValue<string>(), h => h!);
        holdings["LATE"]["currentPrice"]!.GetValue<string>().ShouldBe("20");
        holdings["LATE"]["marketValue"]!.GetValue<string>().ShouldBe("400");
        var trade = (await Server.Api.Get($"/api/portfolios/{portfolio}/trades?symbol=SHORT")).Items.Single()!;
        trade["profitActual"]!.GetValue<string>().ShouldBe("0.025");
        trade["netProfit"]!.GetValue<string>().ShouldBe("0.025");
        holdings["SHORT"]["realizedPnl"]!.GetValue<string>().ShouldBe("0.025");
    }

    [Fact]
    public async Task a_price_of_before_a_split_is_read_in_the_shares_of_after_it()
    {
        var portfolio = await Server.Api.OpenPortfolio(10_000m);
        await LoadDay("2024-03-07", 400);
        (await Record(portfolio, "a", new { symbol = "FOURFOLD", price = 400 })).Expect(HttpStatusCode.Created);
        (await Server.Api.Post($"/api/portfolios/{portfolio}/corporate-actions", new
        {
            type = "SPLIT", symbol = "FOURFOLD", numerator = 4, denominator = 1, effectiveAt = "2024-03-11T13:30:00Z",
        })).Expect(HttpStatusCode.Created);
        (await Valued(portfolio, "")).ShouldBe(("4000", "10000"));
        // The deposit came later than these moments.
        foreach (var moment in new[] { "?effective=2024-03-12T00:00:00Z", "?effective=2024-03-09T00:00:00Z" })
            (await Valued(portfolio, moment)).ShouldBe(("4000", "0"), moment);
        var order = new { symbol = "FOURFOLD", side = "BUY", type = "MARKET", quantity = 1 };
        (await Server.Api.Post($"/api/portfolios/{portfolio}/orders", order)).Expect(HttpStatusCode.Created);
        (await Server.Api.Get($"/api/portfolios/{portfolio}")).Text("reservedCash").ShouldBe("105");
        // The first bar of new shares is what it says.
        await LoadDay("2024-03-11", 110);
        await Eventually.Is(
            async () => await Valued(portfolio, "") == ("4400", "10400"),
            TimeSpan.FromSeconds(30), () => "The new price is not taken.");
        (await Valued(portfolio, "?effective=2024-03-11T14:00:00Z")).ShouldBe(("4000", "0"));
    }

    [Fact]
    public async Task funding_has_a_head_and_an_id_and_is_corrected_and_reversed()
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        var of = $"/api/portfolios/{portfolio}/funding";
        var dividend = new { type = "DIVIDEND", gross = 0.51m, tax = 0.15m, symbol = "KO", externalId = "D|1" };
        var paid = (await Server.Api.Post(of, dividend)).Expect(HttpStatusCode.Created);
        (await Server.Api.Post(of, dividend)).ShouldReplay(paid);
        await Server.Refuses(422, "execution-id-reused", _ => Record(portfolio, "D|1", new { price = 0 }));
        await Server.Refuses(422, "execution-id-reused", api => api.Post(
            of, new { type = "DIVIDEND", amount = 0.51m, symbol = "KO", externalId = "D|1" }));
        var row = (await Server.Api.Get(of)).Items.Single()!;
        (row["amount"]!.GetValue<string>(), row["gross"]!.GetValue<string>(), row["tax"]!.GetValue<string>())
            .ShouldBe(("0.36", "0.51", "0.15"));
        (await Server.Api.Post($"{of}/{paid.Id("fundingId")}/correct", new { tax = 0.08m, amount = 0.43m }))
            .Expect(HttpStatusCode.OK);
        (await Cash(portfolio)).ShouldBe("0.43");
        (await Server.Api.Post($"{of}/external/D%7C1/reverse", new { correctionId = "D|2" })).Expect(HttpStatusCode.OK);
        ((await Cash(portfolio)), (await Server.Api.Get(of)).Items.Count).ShouldBe(("0", 0));
        await Server.Refuses(
            409, "funding-already-reversed", api => api.Post($"{of}/external/D%7C2/correct", new { tax = 1 }));
        await Server.Refuses(404, "funding-not-found", api => api.Post($"{of}/external/none/reverse"));
        await Server.Refuses(404, "funding-not-found", api => api.Post($"{of}/2147483647/reverse"));
    }

    [Theory]
    [InlineData("""{"type": "FEE", "amount": 1, "tax": 1}""", "tax")]
    [InlineData("""{"type": "DIVIDEND", "amount": 1, "tax": 1, "gross": 3}""", "gross")]
    [InlineData("""{"type": "DIVIDEND", "amount": 0}""", "amount")]
    [InlineData("""{"type": "DIVIDEND", "tax": 1}""", "amount")]
    [InlineData("""{"type": "DIVIDEND", "gross": 1, "tax": 2}""", "amount")]
    [InlineData("""{"type": "DIVIDEND", "amount": 1, "tax": -1}""", "tax")]
    public async Task terms_of_funding_that_do_not_fit_are_refused(string body, string field)
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        await Server.RefusesField(
            field, api => api.Post($"/api/portfolios/{portfolio}/funding", JsonNode.Parse(body)));
    }

    [Fact]
    public async Task a_refusal_that_is_repeated_says_that_it_is_the_recorded_one()
    {
        var portfolio = await Server.Api.OpenPortfolio(10m);
        var (of, key) = ($"/api/portfolios/{portfolio}/funding", $"{Guid.NewGuid()}");
        var withdrawal = new { type = "WITHDRAWAL", amount = 20 };
        (await Server.Api.Post(of, withdrawal, key)).ShouldBeProblem(422, "insufficient-cash");
        (await Server.Api.Post(of, new { type = "DEPOSIT", amount = 100 })).Expect(HttpStatusCode.Created);
        (await Server.Api.Post(of, withdrawal, key)).ShouldBeProblem(422, "insufficient-cash")
            .Text("detail").ShouldEndWith("a new try needs a new key.)");
    }

    [Fact]
    public async Task what_cannot_be_taken_is_said_with_what_can()
    {
        var portfolio = await Server.Api.OpenPortfolio(1_000m);
        (await Server.Api.Post($"/api/portfolios/{portfolio}/corporate-actions", new { numerator = 2.406m }))
            .ShouldBeProblem(400, "invalid-request").Text("detail").ShouldContain("2406 for 1000");
        (await Server.Api.Post("/api/portfolios", new { userId = 1.5m }))
            .ShouldBeProblem(400, "invalid-request").Text("detail").ShouldContain("a whole number");
        (await Server.Api.Post("/api/portfolios", new { userId = 1, name = "x", currency = "XYZ" }))
            .ShouldBeProblem(400, "invalid-request").Text("detail").ShouldContain("ADA AED ARS AUD");
        (await Record(portfolio, "a", new { quantity = 0.5m })).Expect(HttpStatusCode.Created);
        (await Record(portfolio, "b", new { quantity = 0.50m, side = "SELL" })).Expect(HttpStatusCode.Created);
        (await Record(portfolio, "c", new { side = "SELL" })).ShouldBeProblem(422, "insufficient-shares")
            .Text("detail").ShouldStartWith("0 KO are held");
    }

    private async Task LoadDay(string day, int close) => (await Server.Api.Post(
        "/api/market-data/bars?interval=day",
        new[] { new { symbol = "FOURFOLD", time = day, open = close, high = close, low = close, close, volume = 1 } }))
        .Expect(HttpStatusCode.OK);

    private async Task<(string Holding, string Portfolio)> Valued(int portfolio, string moment)
    {
        var holding = (await Server.Api.Get($"/api/portfolios/{portfolio}/holdings{moment}")).Items.Single()!;
        var whole = await Server.Api.Get($"/api/portfolios/{portfolio}{moment}");
        return (holding["marketValue"]!.GetValue<string>(), whole.Text("currentValue"));
    }

    private async Task<(int Portfolio, int Order)> Ordered()
    {
        var portfolio = await Server.Api.OpenPortfolio(1_000m);
        return (portfolio, await Server.Place(portfolio, "BUY", "KO", 50m, 10m));
    }

    private Task<ApiAnswer> Report(int order, string executionId, object terms) => Server.Api.Post(
        $"/api/orders/{order}/executions",
        Merged(new { executionId, quantity = 10, price = 10, executedAt = At }, terms));

    private Task<ApiAnswer> Record(int portfolio, string executionId, object terms) => Server.Api.Post(
        $"/api/portfolios/{portfolio}/executions",
        Merged(new { executionId, symbol = "KO", side = "BUY", quantity = 10, price = 10, executedAt = At }, terms));

    private static JsonObject Merged(object common, object terms)
    {
        var body = Json(common);
        foreach (var (name, value) in terms as JsonObject ?? Json(terms))
            body[name] = value?.DeepClone();
        return body;
    }

    private static JsonObject Json(object value) => System.Text.Json.JsonSerializer.SerializeToNode(value)!.AsObject();

    private async Task<JsonArray> Transactions(int portfolio) =>
        (await Server.Api.Get($"/api/portfolios/{portfolio}/transactions")).Items;

    private async Task<string> Cash(int portfolio) =>
        (await Server.Api.Get($"/api/portfolios/{portfolio}")).Text("cashBalance");
}
