using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

public sealed class TextTests(LedgerFixture server) : LedgerTests(server)
{
    [Theory]
    [InlineData("side", "\"HOLD\"")]
    [InlineData("side", "\"BUY,SELL\"")]
    [InlineData("side", "\"BUY \"")]
    [InlineData("side", "\"\"")]
    [InlineData("side", "0")]
    [InlineData("side", "\"1\"")]
    [InlineData("side", "\"-1\"")]
    [InlineData("side", "true")]
    [InlineData("side", "[\"BUY\"]")]
    [InlineData("side", "null")]
    [InlineData("type", "\"LIMIT, STOP\"")]
    [InlineData("type", "\"LIMIT\\u0000\"")]
    [InlineData("type", "\"ＬＩＭＩＴ\"")]
    [InlineData("type", "99")]
    [InlineData("timeInForce", "\"FOREVER\"")]
    [InlineData("timeInForce", "2")]
    [InlineData("timeInForce", "\"+1\"")]
    public async Task words_that_are_none_of_an_enumeration_are_refused(string field, string token)
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var order = new Dictionary<string, string>
        {
            ["symbol"] = "\"KO\"", ["side"] = "\"BUY\"", ["type"] = "\"LIMIT\"", ["quantity"] = "1",
            ["limitPrice"] = "1",
            [field] = token,
        };
        var body = $"{{{string.Join(",", order.Select(f => $"\"{f.Key}\":{f.Value}"))}}}";
        await Server.RefusesField(
            field, api => api.SendRaw(HttpMethod.Post, $"/api/portfolios/{portfolio}/orders", body));
    }

    [Theory]
    [InlineData("type", """{"type":"GIFT","amount":1}""")]
    [InlineData("type", """{"type":"DEPOSIT,FEE","amount":1}""")]
    [InlineData("type", """{"type":0,"amount":1}""")]
    [InlineData("type", """{"amount":1}""")]
    public async Task unknown_kinds_of_funding_are_refused(string field, string body)
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        await Server.RefusesField(
            field, api => api.SendRaw(HttpMethod.Post, $"/api/portfolios/{portfolio}/funding", body));
    }

    [Theory]
    [InlineData("lotMethod", """{"userId":1,"name":"a","lotMethod":"RANDOM"}""")]
    [InlineData("lotMethod", """{"userId":1,"name":"a","lotMethod":1}""")]
    [InlineData("currency", """{"userId":1,"name":"a","currency":"US"}""")]
    [InlineData("currency", """{"userId":1,"name":"a","currency":"XXX"}""")]
    [InlineData("currency", """{"userId":1,"name":"a","currency":""}""")]
    [InlineData("allowShort", """{"userId":1,"name":"a","allowShort":"yes"}""")]
    [InlineData("allowShort", """{"userId":1,"name":"a","allowShort":1}""")]
    [InlineData("userId", """{"name":"a"}""")]
    [InlineData("userId", """{"userId":0,"name":"a"}""")]
    [InlineData("userId", """{"userId":-1,"name":"a"}""")]
    [InlineData("userId", """{"userId":2147483648,"name":"a"}""")]
    [InlineData("userId", """{"userId":1.5,"name":"a"}""")]
    [InlineData("userId", """{"userId":"1","name":"a"}""")]
    [InlineData("name", """{"userId":1}""")]
    [InlineData("name", """{"userId":1,"name":""}""")]
    [InlineData("name", """{"userId":1,"name":" \t\n"}""")]
    [InlineData("name", """{"userId":1,"name":7}""")]
    [InlineData("name", """{"userId":1,"name":"a\u0000b"}""")]
    [InlineData("name", """{"userId":1,"name":"a\u001bb"}""")]
    [InlineData("name", """{"userId":1,"name":"\ud83d"}""")]
    [InlineData("name", """{"userId":1,"name":"\udc00\ud800"}""")]
    [InlineData("description", """{"userId":1,"name":"a","description":"\u0000"}""")]
    [InlineData("Name", """{"userId":1,"name":"a","Name":"b"}""")]
    [InlineData("isAdmin", """{"userId":1,"name":"a","isAdmin":true}""")]
    [InlineData("name", """{"userId":1,"name":"a","name":"b"}""")]
    public Task a_portfolio_with_a_field_that_does_not_fit_is_refused(string field, string body) =>
        Server.RefusesField(field, api => api.SendRaw(HttpMethod.Post, "/api/portfolios", body));

    [Theory]
    [InlineData("name", 256)]
    [InlineData("description", 4001)]
    public Task texts_that_are_too_long_are_refused_and_not_cut(string field, int length) =>
        Server.RefusesField(field, api => api.Post("/api/portfolios", new Dictionary<string, object>
        {
            ["userId"] = 1, ["name"] = "a", [field] = new string('x', length),
        }));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("A'; DROP TABLE portfolio; --")]
    [InlineData("\"KO\"")]
    [InlineData("K  O")]
    [InlineData("N/A")]
    [InlineData("KO\0")]
    [InlineData("💰")]
    [InlineData("ｋｏ")]
    [InlineData("ıBM")]
    [InlineData("ſAP")]
    [InlineData("../KO")]
    [InlineData("-KO")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456")]
    public async Task symbols_that_are_none_are_refused_everywhere(string symbol)
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var (orders, executions) = ($"/api/portfolios/{portfolio}/orders", $"/api/portfolios/{portfolio}/executions");
        await Server.RefusesField("symbol", api => api.PlaceOrder(portfolio, "BUY", symbol, 1m, 1m));
        await Server.RefusesField("symbol", api => api.Post(
            executions, new { executionId = "X", symbol, side = "BUY", quantity = 1, price = 1 }));
        await Server.RefusesField("symbol", api => api.Post(
            $"/api/portfolios/{portfolio}/funding", new { type = "DIVIDEND", amount = 1, symbol }));
        var listed = await Server.Api.Get($"{orders}?symbol={Uri.EscapeDataString(symbol)}");
        listed.Status.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task a_symbol_of_300_characters_is_refused()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        await Server.RefusesField("symbol", api => api.PlaceOrder(portfolio, "BUY", new string('A', 300), 1m, 1m));
    }

    [Theory]
    [InlineData("orders", "symbol")]
    [InlineData("orders", "status")]
    [InlineData("trades", "symbol")]
    [InlineData("trades", "status")]
    [InlineData("holdings", "symbol")]
    [InlineData("holdings", "include")]
    [InlineData("transactions", "symbol")]
    public async Task a_filter_that_can_match_nothing_is_refused_by_name(string list, string filter)
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        foreach (var value in new[] { "%00", "no%20%20such", "%F0%9F%92%B0", "';--", new string('x', 300), "%ff" })
            await Server.RefusesField(filter, api => api.Get($"/api/portfolios/{portfolio}/{list}?{filter}={value}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("\"a\"")]
    [InlineData("é")]
    [InlineData("a%2F")]
    [InlineData("'; DROP TABLE \"order\"; --")]
    public async Task ids_of_the_callers_that_are_no_names_are_refused(string id)
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        await Server.RefusesField("clientOrderId", api => PlaceWithId(api, portfolio, id));
    }

    [Fact]
    public async Task ids_of_101_characters_are_refused_even_where_the_last_is_a_line_break()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        foreach (var id in new[] { new string('x', 101), new string('x', 100) + "\n" })
            await Server.RefusesField("clientOrderId", api => PlaceWithId(api, portfolio, id));
        (await PlaceWithId(Server.Api, portfolio, new string('x', 100))).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task any_text_that_people_write_is_kept_as_it_is()
    {
        var name = $"Ünïcode 💰 \"quoted\" 'single' \\ <b> {Guid.NewGuid()}";
        var description = "line one\nline two\t'); DROP TABLE portfolio; -- " + new string('é', 3000);
        var opened = await Server.Api.Post("/api/portfolios", new { userId = 9, name, description });
        var seen = await Server.Api.Get($"/api/portfolios/{opened.Expect(HttpStatusCode.Created).Id("portfolioId")}");
        seen.Text("name").ShouldBe(name);
        seen.Text("description").ShouldBe(description);
    }

    [Theory]
    [InlineData("lots[0].lotId", """[{"quantity":1}]""")]
    [InlineData("lots[0].lotId", """[null]""")]
    [InlineData("lots[0].lotId", """[{"lotId":-1,"quantity":1}]""")]
    [InlineData("lots[0].quantity", """[{"lotId":1}]""")]
    [InlineData("lots[0].quantity", """[{"lotId":1,"quantity":0}]""")]
    [InlineData("lots[0].price", """[{"lotId":1,"quantity":1,"price":1}]""")]
    [InlineData("lots", "{}")]
    [InlineData("lots", "\"1\"")]
    public async Task lots_that_are_none_are_refused(string field, string lots)
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var body = $$"""{"symbol":"KO","side":"SELL","type":"MARKET","quantity":1,"lots":{{lots}}}""";
        await Server.RefusesField(
            field, api => api.SendRaw(HttpMethod.Post, $"/api/portfolios/{portfolio}/orders", body));
    }

    [Theory]
    [InlineData("MARKET", "1", null)]
    [InlineData("MARKET", null, "1")]
    [InlineData("LIMIT", null, null)]
    [InlineData("LIMIT", "1", "1")]
    [InlineData("STOP", null, null)]
    [InlineData("STOP", "1", "1")]
    [InlineData("STOP_LIMIT", "1", null)]
    [InlineData("STOP_LIMIT", null, "1")]
    public async Task an_order_whose_prices_do_not_fit_its_type_is_refused(
        string type, string? limitPrice, string? stopPrice)
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        await Server.Refuses(400, "invalid-request", api => api.Post(
            $"/api/portfolios/{portfolio}/orders",
            new { symbol = "KO", side = "BUY", type, quantity = 1, limitPrice, stopPrice }));
    }

    private static Task<ApiAnswer> PlaceWithId(ApiClient api, int portfolio, string clientOrderId) => api.Post(
        $"/api/portfolios/{portfolio}/orders",
        new { clientOrderId, symbol = "KO", side = "BUY", type = "LIMIT", quantity = 1, limitPrice = 1 });
}
