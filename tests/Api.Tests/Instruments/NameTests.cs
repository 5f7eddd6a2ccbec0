using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests.Instruments;

/// <summary>Every route that takes a symbol takes what sources call it, and answers with the primary name.</summary>
public sealed class NameTests(LedgerFixture server) : LedgerTests(server)
{
    private ApiClient Api => Server.Api;

    public static TheoryData<string> Odd =>
        ["BTC/USDT", "M&M.NS", "X:BTCUSD", "BRK/B", "BRK B", "ES=F", "^GSPC", "X:BTC/USDT-PERP&A ^B=C.D-EFGHIJK"];

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task what_sources_call_instruments_goes_through_every_route(string symbol)
    {
        var path = Uri.EscapeDataString(symbol);
        var portfolio = await Api.OpenPortfolio(1000);
        var order = (await Api.PlaceOrder(portfolio, "BUY", symbol, 2, 10)).Expect(HttpStatusCode.Created)
            .Id("orderId");
        (await Api.Execute(order, "X-1", 2, 10)).Expect(HttpStatusCode.Created);
        (await Api.Post($"/api/portfolios/{portfolio}/executions", new
        {
            executionId = "F-1", symbol, side = "SELL", quantity = 1, price = 11,
        })).Expect(HttpStatusCode.Created);
        (await Api.Post($"/api/portfolios/{portfolio}/funding", new { type = "DIVIDEND", amount = 1, symbol }))
            .Expect(HttpStatusCode.Created);
        (await Api.Post($"/api/portfolios/{portfolio}/corporate-actions", new
        {
            type = "SPLIT", symbol, numerator = 2, denominator = 1, effectiveAt = "2020-01-01T00:00:00Z",
        })).Expect(HttpStatusCode.Created);
        await Load(symbol);

        foreach (var list in new[] { "orders", "holdings", "trades", "transactions" })
            (await First($"/api/portfolios/{portfolio}/{list}?symbol={path}")).ShouldBe(symbol, list);
        (await First($"/api/portfolios/{portfolio}/funding")).ShouldBe("");
        (await Api.Get($"/api/audit/explain?portfolioId={portfolio}&field=quantity&symbol={path}"))
            .Expect(HttpStatusCode.OK).Text("symbol").ShouldBe(symbol);
        (await Api.Get($"/api/market-data/symbols/{path}")).Expect(HttpStatusCode.OK).Text("symbol").ShouldBe(symbol);
        (await Api.Send(new HttpRequestMessage(HttpMethod.Put, $"/api/market-data/symbols/{path}")
        {
            Content = System.Net.Http.Json.JsonContent.Create(new { sector = "Odd" }),
        })).Expect(HttpStatusCode.OK).Text("sector").ShouldBe("Odd");
        (await Api.Get($"/api/market-data/symbols/{path}/flags")).Expect(HttpStatusCode.OK);
        (await Api.Get($"/api/market-data/bars/{path}?interval=min")).Expect(HttpStatusCode.OK).Items.Count.ShouldBe(1);
        (await First($"/api/market-data/latest?symbols={path}")).ShouldBe(symbol);
        (await Api.Get($"/api/instruments/{path}")).Expect(HttpStatusCode.OK).Text("symbol").ShouldBe(symbol);
        (await Api.Get($"/api/market-data/statistics?symbol={path}")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task an_alias_is_taken_everywhere_and_answered_by_the_primary_name()
    {
        await Describe("PRIME", ("ALI/AS", new { }));
        var portfolio = await Api.OpenPortfolio(1000);
        var order = (await Api.PlaceOrder(portfolio, "BUY", "ali/as", 2, 10)).Expect(HttpStatusCode.Created)
            .Id("orderId");
        (await Api.Execute(order, "X-1", 2, 10)).Expect(HttpStatusCode.Created);
        (await Api.Post($"/api/portfolios/{portfolio}/executions", new
        {
            executionId = "F-1", symbol = "ALI/AS", side = "SELL", quantity = 1, price = 11,
        })).Expect(HttpStatusCode.Created);
        (await Api.Post(
            $"/api/portfolios/{portfolio}/funding", new { type = "DIVIDEND", amount = 1, symbol = "ALI/AS" }))
            .Expect(HttpStatusCode.Created);
        (await Api.Post("/api/corporate-actions", new
        {
            type = "SPLIT", symbol = "ALI/AS", numerator = 2, denominator = 1, effectiveAt = "2020-01-01T00:00:00Z",
        })).Expect(HttpStatusCode.OK)["portfolios"].AsArray().Count.ShouldBe(1);
        await Load("ALI/AS");

        foreach (var list in new[] { "orders", "holdings", "trades", "transactions" })
            (await First($"/api/portfolios/{portfolio}/{list}?symbol=ALI%2FAS")).ShouldBe("PRIME", list);
        (await Api.Get($"/api/portfolios/{portfolio}/funding")).Items[1]!["symbol"]!.GetValue<string>()
            .ShouldBe("PRIME");
        (await Api.Get($"/api/audit/explain?portfolioId={portfolio}&field=quantity&symbol=ALI%2FAS"))
            .Expect(HttpStatusCode.OK).Text("symbol").ShouldBe("PRIME");
        (await Api.Get("/api/market-data/symbols/ali%2Fas")).Expect(HttpStatusCode.OK).Text("symbol").ShouldBe("PRIME");
        (await Api.Get("/api/market-data/bars/ALI%2fAS?interval=min")).Items.Count.ShouldBe(1);
        (await First("/api/market-data/latest?symbols=ALI%2FAS,PRIME")).ShouldBe("PRIME");
    }

    [Fact]
    public async Task an_alias_holds_at_the_moment_of_the_fact()
    {
        await Describe("NEWNAME", ("OLDNAME", new { validTo = "2022-06-09" }));
        var portfolio = await Api.OpenPortfolio(0);

        await Fill("F-1", "2022-06-08T23:59:59Z");
        await Fill("F-2", "2022-06-09T00:00:00Z");

        (await Api.Get($"/api/portfolios/{portfolio}/transactions")).Items
            .Select(item => item!["symbol"]!.GetValue<string>()).ShouldBe(["NEWNAME", "OLDNAME"]);

        async Task Fill(string executionId, string executedAt) =>
            (await Api.Post($"/api/portfolios/{portfolio}/executions", new
            {
                executionId, symbol = "OLDNAME", side = "BUY", quantity = 1, price = 10, executedAt,
            })).Expect(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("A  B")]
    [InlineData("/B")]
    [InlineData("A?B")]
    [InlineData("A,B")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456")]
    public async Task what_is_no_symbol_is_refused_with_the_rule(string symbol)
    {
        var portfolio = await Api.OpenPortfolio(0);
        var refused = await Api.PlaceOrder(portfolio, "BUY", symbol, 1, 1);

        refused.ShouldBeProblem(400, "invalid-request");
        refused["errors"]["symbol"]!.GetValue<string>().ShouldBe(Domain.Symbols.Rule);
    }

    private async Task Describe(string symbol, (string Alias, object Body) named)
    {
        var id = (await Api.Post("/api/instruments", new { symbol })).Expect(HttpStatusCode.Created).Id("instrumentId");
        var path = $"/api/instruments/{id}/aliases/{Uri.EscapeDataString(named.Alias)}";
        (await Api.Send(new HttpRequestMessage(HttpMethod.Put, path)
        {
            Content = System.Net.Http.Json.JsonContent.Create(named.Body),
        })).Expect(HttpStatusCode.OK);
    }

    private async Task<string?> First(string path)
    {
        var item = (await Api.Get(path)).Expect(HttpStatusCode.OK).Items[0]!;
        return item["symbol"]?.GetValue<string>() ?? "";
    }

    private async Task Load(string symbol) => (await Server.Send(
        HttpMethod.Post,
        "/api/market-data/bars?interval=min",
        new StringContent($"symbol,time,open,high,low,close,volume\n{symbol},2024-03-08T14:30:00Z,1,1,1,1,1\n")))
        .Expect(HttpStatusCode.OK);
}
