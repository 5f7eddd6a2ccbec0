using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

public sealed class OrderFlowTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task an_order_is_placed_filled_and_seen_in_the_position()
    {
        var portfolio = await server.Api.OpenPortfolio(cash: 10_000m);
        var placed = await server.Api.PlaceOrder(portfolio, "BUY", "ORCL", 100m, 45.10m);
        placed.Expect(HttpStatusCode.Created).Text("status").ShouldBe("PENDING");
        (await server.Api.Get($"/api/portfolios/{portfolio}")).Amount("reservedCash").ShouldBe(4510m);

        var filled = await server.Api.Execute(placed.Id("orderId"), "X-1", 100m, 45.08m);

        filled.Expect(HttpStatusCode.Created).Text("status").ShouldBe("FILLED");
        var seen = await server.Api.Get($"/api/portfolios/{portfolio}");
        seen.Amount("cashBalance").ShouldBe(5492m);
        seen.Amount("reservedCash").ShouldBe(0m);
        var holding = (await server.Api.Get($"/api/portfolios/{portfolio}/holdings?include=lots")).Items.Single()!;
        holding["quantity"]!.GetValue<string>().ShouldBe("100");
        holding["lots"]![0]!["costBasis"]!.GetValue<string>().ShouldBe("4508");
    }

    [Fact]
    public async Task transactions_add_up_to_the_cash_that_moved_also_where_fees_are_more_than_a_sale_brings()
    {
        var portfolio = await server.Api.OpenPortfolio(cash: 10_000m, allowShort: true);
        var path = $"/api/portfolios/{portfolio}/executions";
        (string Side, decimal Quantity, decimal Price, decimal Commission, decimal Tax)[] fills =
        [
            ("BUY", 10m, 10.005m, 1m, 0.5m), ("SELL", 1m, 0.01m, 5m, 0m), ("SELL", 1m, 5m, 5m, 0m),
            ("SELL", 2m, 12.34567891m, 0.01m, 0.07m), ("SELL", 30m, 0.01m, 0m, 0.5m), ("SELL", 1m, 0.001m, 0m, 0m),
        ];
        foreach (var (index, fill) in fills.Index())
        {
            (await server.Api.Post(path, new
            {
                executionId = $"X-{index}", symbol = "ORCL", side = fill.Side, quantity = fill.Quantity,
                price = fill.Price, commission = fill.Commission, tax = fill.Tax,
            })).Expect(HttpStatusCode.Created);
        }

        var rows = (await server.Api.Get($"/api/portfolios/{portfolio}/transactions")).Items;
        decimal[] cash = [.. rows.Select(row => Amount(row, "cashAmount"))];

        cash.ShouldBe([-101.55m, -4.99m, 0m, 24.61m, -0.2m, 0m]);
        rows.Select(row => Amount(row, "netAmount")).ShouldBe(cash.Select(Math.Abs));
        (await server.Api.Get($"/api/portfolios/{portfolio}")).Amount("cashBalance").ShouldBe(10_000m + cash.Sum());
    }

    private static decimal Amount(JsonNode? row, string field) =>
        decimal.Parse(row![field]!.GetValue<string>(), CultureInfo.InvariantCulture);
}
