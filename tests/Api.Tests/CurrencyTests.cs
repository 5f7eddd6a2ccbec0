using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Bifrost.Api.Tests.Events;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

/// <summary>A portfolio in dollars with euros, pounds and contracts, from the first exchange to the proof.</summary>
public sealed class CurrencyTests(LedgerFixture server) : LedgerTests(server)
{
    private ApiClient Api => Server.Api;

    [Fact]
    public async Task euros_are_bought_spent_and_valued_at_the_rate_of_the_pair()
    {
        await Bar("EURUSD", "2024-03-07", 1.10m);
        await Describe("SIE.DE", new { symbol = "SIE.DE", currency = "EUR" });
        var id = await Api.OpenPortfolio(10_000m);
        await Exchange(id, 1_100m, "EUR", 1_000m);
        await Bar("EURUSD", "2024-03-08", 1.20m);
        var order = (await Api.PlaceOrder(id, "BUY", "SIE.DE", 5, 100)).Expect(HttpStatusCode.Created).Id("orderId");
        (await Balance(id, "EUR", "reserved")).ShouldBe("500");
        (await Api.Execute(order, "E-1", 5, 100)).Expect(HttpStatusCode.Created);
        // A fill of the past takes the rate of its day.
        (await Fill(id, "E-2", "SIE.DE", "BUY", 5, 100, "2024-03-07T15:00:00Z")).Expect(HttpStatusCode.Created);
        await Bar("SIE.DE", "2024-03-08", 110m);

        await Becomes(async () => (await Holding(id, "SIE.DE"))["marketValue"]?.ToString() == "1100"
            && (await Portfolio(id))["currentValue"]?.ToString() == "10220");
        (await Balance(id, "EUR", "balance")).ShouldBe("0");
        var holding = await Holding(id, "SIE.DE");
        holding["currency"]!.ToString().ShouldBe("EUR");
        // 500 at 1.20 and 500 at 1.10; the value is 1,100 at 1.20.
        var inBase = holding["inBase"]!;
        Told(inBase, "rate", "marketValue", "costBasis", "unrealizedPnl", "unrealizedFxPnl").ShouldBe(
            ["1.2", "1320", "1150", "170", "50"]);
        (await Portfolio(id))["unrealizedPnl"]!.ToString().ShouldBe("170");
        (await Fill(id, "E-3", "SIE.DE", "SELL", 10, 110, null)).Expect(HttpStatusCode.Created);
        Told((await Holding(id, "SIE.DE"))["inBase"]!, "realizedPnl", "realizedFxPnl").ShouldBe(["170", "50"]);
        (await Portfolio(id))["realizedPnl"]!.ToString().ShouldBe("170");
        await Proved(id);
    }

    [Fact]
    public async Task without_a_rate_the_value_is_unknown_and_never_zero()
    {
        var id = await Api.OpenPortfolio(1_000m);
        await Move(id, new { type = "DEPOSIT", amount = 50, currency = "KWD" });

        var portfolio = await Portfolio(id);
        portfolio["currentValue"].ShouldBeNull();
        portfolio["buyingPower"]!.ToString().ShouldBe("1000");
        await Bar("KWDUSD", "2024-03-08", 3.25m);
        await Becomes(async () => (await Portfolio(id))["currentValue"]?.ToString() == "1162.5");
        (await Portfolio(id))["buyingPower"]!.GetValue<string>().ShouldStartWith("1162.5");
        var soon = DateTime.UtcNow.AddMinutes(2);
        var past = await Api.Get($"/api/portfolios/{id}?effective={soon:yyyy-MM-dd'T'HH:mm:ss'Z'}");
        past.Expect(HttpStatusCode.OK).Text("currentValue").ShouldBe("1162.5");
        (await Api.Get($"/api/portfolios/{id}/cash-balances?effective=2024-03-09T00:00:00Z")).Items.Count.ShouldBe(2);
        await Proved(id);
    }

    [Fact]
    public async Task contracts_in_pence_and_fees_in_francs_are_what_they_are()
    {
        await Describe("OPT", new
        {
            symbol = "OPT", type = "OPTION", currency = "GBX", multiplier = 100, allowsNonPositivePrice = true,
        });
        var id = await Api.OpenPortfolio(1_000m);
        await Move(id, new { type = "DEPOSIT", amount = 5_000, currency = "GBP" });
        await Move(id, new { type = "DEPOSIT", amount = 10, currency = "CHF" });
        (await Api.Post($"/api/portfolios/{id}/executions", new
        {
            executionId = "O-1", symbol = "OPT", side = "BUY", quantity = 10, price = 27, commission = "1.50",
            feeCurrency = "chf", executedAt = "2024-03-08T10:00:00Z", rate = "1.25",
        })).Expect(HttpStatusCode.Created);
        (await Fill(id, "O-2", "OPT", "SELL", 5, -3, "2024-03-08T11:00:00Z")).Expect(HttpStatusCode.Created);

        var holding = await Holding(id, "OPT");
        // 10 x 100 x 0.27 pounds; half of it sold for minus 15 pounds.
        Told(holding, "costBasis", "realizedPnl", "averagePrice", "multiplier").ShouldBe(["135", "-150", "27", "1"]);
        (await Balance(id, "CHF", "balance"), await Balance(id, "GBP", "balance")).ShouldBe(("8.5", "4715"));
        (await Api.Post($"/api/portfolios/{id}/executions/O-1/correct", new { price = 26, rate = "1.26" }))
            .Expect(HttpStatusCode.OK);
        (await Api.Get($"/api/portfolios/{id}/transactions")).Items[0]!["rate"]!.ToString().ShouldBe("1.26");
        (await Api.Post($"/api/portfolios/{id}/executions/O-2/bust")).Expect(HttpStatusCode.OK);
        (await Balance(id, "GBP", "balance")).ShouldBe("4740");
        var explained = await Api.Get($"/api/audit/explain?portfolioId={id}&field=cash&currency=GBP");
        explained.Expect(HttpStatusCode.OK).Text("value").ShouldBe("4740");
        await Proved(id);
    }

    [Fact]
    public async Task an_exchange_is_corrected_and_reversed_like_any_funding()
    {
        var id = await Api.OpenPortfolio(1_000m);
        await Exchange(id, 110m, "EUR", 100m, "FX-1");
        (await Api.Post($"/api/portfolios/{id}/funding/external/FX-1/correct", new { boughtAmount = 101 }))
            .Expect(HttpStatusCode.OK);
        (await Balance(id, "EUR", "balance")).ShouldBe("101");
        (await Api.Post($"/api/portfolios/{id}/funding/external/FX-1/reverse")).Expect(HttpStatusCode.OK);
        (await Balance(id, "EUR", "balance"), (await Portfolio(id))["cashBalance"]!.ToString()).ShouldBe(("0", "1000"));
        await Server.RefusesField("boughtAmount", api => api.Post(
            $"/api/portfolios/{id}/funding", new { type = "EXCHANGE", amount = 5 }));
        await Server.RefusesField("currency", api => api.Post(
            $"/api/portfolios/{id}/funding", new { type = "DEPOSIT", amount = 5, currency = "XYZ" }));
        await Server.RefusesField("currencyHaircut", api => api.Patch(
            $"/api/portfolios/{id}", new { currencyHaircut = 1.5m }));
        await Proved(id);
    }

    private static Task Becomes(Func<Task<bool>> isSo) =>
        Eventually.Is(isSo, EventListener.Patience, () => "It is not valued with what the market says.");

    private async Task Proved(int id)
    {
        foreach (var total in (await Api.Get($"/api/audit/trial-balance?portfolioId={id}")).Expect(HttpStatusCode.OK)
            .Body!["totals"]!.AsObject())
            decimal.Parse(total.Value!.ToString(), CultureInfo.InvariantCulture).ShouldBe(0, total.Key);
        (await Server.Differences()).ShouldBeEmpty();
    }

    private async Task Describe(string symbol, object description) =>
        (await Api.Post("/api/instruments", description)).Expect(HttpStatusCode.Created).Text("symbol")
            .ShouldBe(symbol);

    private async Task Bar(string symbol, string day, decimal close) => (await Api.Post(
        "/api/market-data/bars?interval=day",
        new[] { new { symbol, time = day, open = close, high = close, low = close, close, volume = 1 } }))
        .Expect(HttpStatusCode.OK);

    private Task Exchange(int id, decimal sold, string into, decimal bought, string? externalId = null) => Move(id, new
    {
        type = "EXCHANGE", amount = sold, boughtAmount = bought, boughtCurrency = into, externalId,
    });

    private async Task Move(int id, object funding) =>
        (await Api.Post($"/api/portfolios/{id}/funding", funding)).Expect(HttpStatusCode.Created);

    private Task<ApiAnswer> Fill(
        int id, string executionId, string symbol, string side, int quantity, int price, string? executedAt) =>
        Api.Post($"/api/portfolios/{id}/executions", new { executionId, symbol, side, quantity, price, executedAt });

    private async Task<JsonNode> Holding(int id, string symbol) =>
        (await Api.Get($"/api/portfolios/{id}/holdings?symbol={symbol}")).Items.Single()!;

    private async Task<JsonNode> Portfolio(int id) => (await Api.Get($"/api/portfolios/{id}")).Body!;

    private async Task<string> Balance(int id, string currency, string field) =>
        (await Api.Get($"/api/portfolios/{id}/cash-balances")).Items
            .Single(balance => balance!["currency"]!.ToString() == currency)![field]!.ToString();

    private static string[] Told(JsonNode node, params string[] fields) =>
        [.. fields.Select(field => node[field]!.ToString())];
}
