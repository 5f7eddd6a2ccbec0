using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests.Instruments;

public sealed class InstrumentTests(LedgerFixture server) : LedgerTests(server)
{
    private ApiClient Api => Server.Api;

    [Fact]
    public async Task an_instrument_is_described_read_changed_and_found_by_every_name()
    {
        var added = await Api.Post("/api/instruments", new
        {
            symbol = "brk.b", type = "STOCK", currency = "USD", exchange = "nyse", priceDecimals = 2, name = "B",
        });
        var id = added.Expect(HttpStatusCode.Created).Id("instrumentId");

        added.Text("symbol").ShouldBe("BRK.B");
        (await Alias(id, "BRK%2FB")).Expect(HttpStatusCode.OK);
        (await Alias(id, "BRK%20B", new { source = "IBKR" })).Expect(HttpStatusCode.OK);
        var changed = (await Api.Patch($"/api/instruments/{id}", new { multiplier = "10", name = "" }))
            .Expect(HttpStatusCode.OK);

        foreach (var name in new[] { "BRK.B", "brk.b", "BRK%2FB", $"{id}" })
        {
            (await Api.Get($"/api/instruments/{name}")).Expect(HttpStatusCode.OK).Body!.ToJsonString()
                .ShouldBe(changed.Body!.ToJsonString());
        }
        changed.Body!.AsObject().Remove("updatedAt");
        changed.Body!.ToJsonString().ShouldBe(
            $$"""
            {"instrumentId":{{id}},"symbol":"BRK.B","type":"STOCK","currency":"USD","multiplier":"10",
            "quantityDecimals":18,"priceDecimals":2,"allowsNonPositivePrice":false,"exchange":"NYSE","status":"ACTIVE",
            "listedOn":null,"delistedOn":null,"name":null,"isDescribed":true,"aliases":[
            {"alias":"BRK B","source":"ibkr","validFrom":null,"validTo":null},
            {"alias":"BRK/B","source":"*","validFrom":null,"validTo":null}]}
            """.Replace("\n", ""));
        (await Api.Get("/api/instruments/BRK%20B")).ShouldBeProblem(404, "instrument-not-found");
    }

    [Fact]
    public async Task the_list_has_what_is_described_and_what_only_has_bars_and_is_narrowed()
    {
        await Api.Post("/api/instruments", new { symbol = "LIST.A", type = "ETF", exchange = "ASX" });
        await Api.Post("/api/instruments", new { symbol = "LIST.C", type = "FUTURE", exchange = "CME" });
        await Bar("LIST.B", "2024-03-08T14:30:00Z");

        (await Listed("")).Where(row => row.StartsWith("LIST", StringComparison.Ordinal))
            .ShouldBe(["LIST.A True", "LIST.B False", "LIST.C True"]);
        (await Listed("?described=false")).ShouldContain("LIST.B False");
        (await Listed("?described=false")).ShouldNotContain("LIST.A True");
        (await Listed("?type=ETF")).ShouldBe(["LIST.A True"]);
        (await Listed("?exchange=cme")).ShouldBe(["LIST.C True"]);
        var first = await Api.Get("/api/instruments?limit=1&type=ETF&exchange=ASX");
        first["next"].ShouldBeNull();
        var page = (await Api.Get("/api/instruments?limit=1")).Expect(HttpStatusCode.OK);
        page.Items.Count.ShouldBe(1);
        (await Api.Get($"/api/instruments?limit=1&after={Uri.EscapeDataString(page.Text("next"))}")).Items
            .ShouldHaveSingleItem()!["symbol"]!.GetValue<string>().ShouldNotBe(page.Text("next"));
    }

    [Theory]
    [InlineData("symbol", "{}")]
    [InlineData("symbol", """{"symbol": "A B  C"}""")]
    [InlineData("type", """{"symbol": "BAD", "type": "CAR"}""")]
    [InlineData("multiplier", """{"symbol": "BAD", "multiplier": 0}""")]
    [InlineData("priceDecimals", """{"symbol": "BAD", "priceDecimals": 19}""")]
    [InlineData("exchange", """{"symbol": "BAD", "exchange": "MOON"}""")]
    [InlineData("currency", """{"symbol": "BAD", "currency": "us dollars"}""")]
    [InlineData("status", """{"symbol": "BAD", "status": "UNKNOWN"}""")]
    [InlineData("delistedOn", """{"symbol": "BAD", "listedOn": "2024-01-02", "delistedOn": "2024-01-01"}""")]
    public async Task what_cannot_be_said_of_an_instrument_is_refused_by_field(string field, string body) =>
        await Server.RefusesField(field, api => api.SendRaw(HttpMethod.Post, "/api/instruments", body));

    [Theory]
    [InlineData("described", "described=maybe")]
    [InlineData("type", "type=CAR")]
    public async Task what_a_list_cannot_be_narrowed_to_is_refused_by_field(string field, string query) =>
        await Server.RefusesField(field, api => api.Get($"/api/instruments?{query}"));

    [Fact]
    public async Task changes_that_meet_others_are_refused_with_what_is_in_the_way()
    {
        var one = (await Api.Post("/api/instruments", new { symbol = "WAY.1" })).Id("instrumentId");
        var two = (await Api.Post("/api/instruments", new { symbol = "WAY.2" })).Id("instrumentId");
        (await Alias(one, "WAY", new { validTo = "2024-01-01" })).Expect(HttpStatusCode.OK);

        (await Api.Post("/api/instruments", new { symbol = "WAY.1" })).ShouldBeProblem(409, "instrument-exists");
        (await Alias(two, "WAY")).ShouldBeProblem(409, "alias-not-free")
            .Text("detail").ShouldContain("WAY leads to WAY.1 for every source until 2024-01-01T00:00:00Z");
        (await Alias(two, "WAY.1")).ShouldBeProblem(409, "alias-not-free");
        (await Alias(two, "WAY", new { validFrom = "2024-01-01" })).Expect(HttpStatusCode.OK);
        (await Alias(987_654, "WAY.3")).ShouldBeProblem(404, "instrument-not-found");
        (await Api.Patch("/api/instruments/987654", new { })).ShouldBeProblem(404, "instrument-not-found");
        (await Alias(two, "WAY", new { validFrom = "2024-01-01", validTo = "2024-01-01" }))
            .ShouldBeProblem(400, "invalid-request");
        (await Api.Delete($"/api/instruments/{two}/aliases/WAY")).Expect(HttpStatusCode.OK);
        (await Api.Delete($"/api/instruments/{two}/aliases/WAY")).ShouldBeProblem(404, "alias-not-found");
    }

    [Fact]
    public async Task another_server_follows_what_was_said_at_this_one()
    {
        var (app, other) = await Server.StartAnother();
        await using var _ = app;
        using var __ = other;
        var portfolio = await Api.OpenPortfolio(1000);
        var id = (await Api.Post("/api/instruments", new { symbol = "FOLLOW" })).Id("instrumentId");
        (await Alias(id, "FLW")).Expect(HttpStatusCode.OK);

        await Eventually.Is(
            async () => (await other.PlaceOrder(portfolio, "BUY", "FLW", 1, 1)).Expect(HttpStatusCode.Created)
                is { } placed && await SymbolOf(other, placed.Id("orderId")) == "FOLLOW",
            TimeSpan.FromMinutes(1),
            () => "the other server does not know the alias");
    }

    [Fact]
    public async Task exchanges_tell_their_hours_and_their_days()
    {
        var exchanges = (await Api.Get("/api/exchanges")).Expect(HttpStatusCode.OK).Body!.AsArray();
        exchanges.Select(one => one!["code"]!.GetValue<string>()).ShouldContain("NYSE");

        var days = (await Api.Get("/api/exchanges/nyse/sessions?from=2024-07-03&to=2024-07-06"))
            .Expect(HttpStatusCode.OK).Body!.ToJsonString();

        days.ShouldBe(
            """
            [{"date":"2024-07-03","opens":"2024-07-03T13:30:00Z","closes":"2024-07-03T17:00:00Z","closesEarly":true,
            "holiday":null},{"date":"2024-07-04","opens":null,"closes":null,"closesEarly":false,
            "holiday":"Independence Day"},{"date":"2024-07-05","opens":"2024-07-05T13:30:00Z",
            "closes":"2024-07-05T20:00:00Z","closesEarly":false,"holiday":null}]
            """.Replace("\n", ""));
        (await Api.Get("/api/exchanges/MOON/sessions")).ShouldBeProblem(404, "exchange-not-found");
        (await Api.Get("/api/exchanges/NYSE/sessions?from=2024-01-02&to=2024-01-01"))
            .ShouldBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task days_of_a_symbol_with_an_exchange_are_its_sessions()
    {
        await Api.Post("/api/instruments", new { symbol = "SYD", exchange = "ASX" });
        await Bar("SYD", "2024-01-07T23:00:00Z");
        await Bar("SYD", "2024-01-08T04:59:00Z");

        await Eventually.Is(
            async () => (await Api.Get("/api/market-data/bars/SYD?interval=day")).Items is [{ } day]
                && day["time"]!.GetValue<string>() == "2024-01-08T00:00:00Z",
            TimeSpan.FromMinutes(1),
            () => "the day is not there");
    }

    private static async Task<string> SymbolOf(ApiClient api, int order) =>
        (await api.Get($"/api/orders/{order}")).Text("symbol");

    private async Task<List<string>> Listed(string query) => [.. (await Api.Get($"/api/instruments{query}"))
        .Expect(HttpStatusCode.OK).Items.Select(item =>
            $"{item!["symbol"]!.GetValue<string>()} {item["isDescribed"]!.GetValue<bool>()}")];

    private Task<ApiAnswer> Alias(int id, string alias, object? body = null) => Api.Send(
        new HttpRequestMessage(HttpMethod.Put, $"/api/instruments/{id}/aliases/{alias}")
        {
            Content = System.Net.Http.Json.JsonContent.Create(body ?? new { }),
        });

    private async Task Bar(string symbol, string time) => (await Server.Send(
        HttpMethod.Post,
        "/api/market-data/bars?interval=min",
        new StringContent($"symbol,time,open,high,low,close,volume\n{symbol},{time},1,1,1,1,1\n")))
        .Expect(HttpStatusCode.OK);
}
