using System.Net;
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
}
