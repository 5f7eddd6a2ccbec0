using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

public sealed class ExecutionRefusalTests(LedgerFixture server) : LedgerTests(server)
{
    [Fact]
    public async Task an_execution_larger_than_its_order_is_booked_and_flagged()
    {
        var order = await WorkingOrder();
        var first = (await Server.Api.Execute(order, "X", 4m, 10m)).Expect(HttpStatusCode.Created);
        var second = (await Server.Api.Execute(order, "Y", 6.1m, 10m)).Expect(HttpStatusCode.Created);
        first.Body!["overfilled"].ShouldBeNull();
        (second.Text("status"), second.Body!["overfilled"]!.GetValue<bool>()).ShouldBe(("FILLED", true));
        (await Server.Api.Get($"/api/orders/{order}")).Text("filledQuantity").ShouldBe("10.1");
    }

    [Fact]
    public async Task an_execution_of_an_unknown_order_is_refused()
    {
        foreach (var order in new[] { "0", "-1", "2147483647" })
        {
            await Server.Refuses(404, "order-not-found", api => api.Post(
                $"/api/orders/{order}/executions", new { executionId = "X", quantity = 1, price = 1 }));
        }
    }

    [Theory]
    [InlineData("CANCELLED")]
    [InlineData("EXPIRED")]
    [InlineData("FILLED")]
    [InlineData("REJECTED")]
    public async Task an_order_that_has_ended_takes_no_more_changes(string status)
    {
        var order = await EndedOrder(status);
        await Server.Refuses(409, "order-not-working", api => api.Patch($"/api/orders/{order}", new { quantity = 20 }));
        if (status is "CANCELLED" or "EXPIRED")
            return;
        await Server.Refuses(409, "order-not-working", api => api.Delete($"/api/orders/{order}"));
        await Server.Refuses(409, "order-not-working", api => api.Post($"/api/orders/{order}/expire"));
    }

    [Theory]
    [InlineData("CANCELLED")]
    [InlineData("EXPIRED")]
    [InlineData("FILLED")]
    public async Task a_fill_after_the_end_of_its_order_is_booked_and_flagged(string status)
    {
        var order = await EndedOrder(status);
        var late = (await Server.Api.Execute(order, "late", 1m, 10m)).Expect(HttpStatusCode.Created);
        late.Text("status").ShouldBe(status == "FILLED" ? "FILLED" : "CANCELLED");
        late.Body![status == "FILLED" ? "overfilled" : "afterEnd"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task a_fill_of_an_order_that_was_refused_is_told_where_to_go()
    {
        var order = await EndedOrder("REJECTED");
        (await Server.Api.Execute(order, "late", 1m, 10m)).ShouldBeProblem(409, "order-not-working")
            .Text("detail").ShouldContain("/executions");
    }

    [Fact]
    public async Task an_execution_reported_again_is_answered_the_same_and_booked_once()
    {
        var order = await WorkingOrder();
        var first = (await Server.Api.Execute(order, "X", 4m, 10m)).Expect(HttpStatusCode.Created);
        var state = await Server.ReadState();
        (await Server.Api.Execute(order, "X", 4m, 10m)).ShouldReplay(first);
        (await Server.Api.Execute(order, "Y", 6m, 10m)).Expect(HttpStatusCode.Created);
        (await Server.Api.Execute(order, "X", 4.0m, 10.00m)).ShouldReplay(first);
        state.ShouldNotBe(await Server.ReadState());
    }

    [Theory]
    [InlineData("5", "10", "0", "0")]
    [InlineData("4", "11", "0", "0")]
    [InlineData("4", "10", "1", "0")]
    [InlineData("4", "10", "0", "1")]
    public async Task an_execution_reported_again_with_other_terms_is_refused(
        string quantity, string price, string commission, string tax)
    {
        var order = await WorkingOrder();
        (await Server.Api.Execute(order, "X", 4m, 10m)).Expect(HttpStatusCode.Created);
        await Server.Refuses(422, "execution-id-reused", api => api.Post(
            $"/api/orders/{order}/executions", new { executionId = "X", quantity, price, commission, tax }));
    }

    [Fact]
    public async Task an_execution_reported_again_after_its_correction_is_answered_the_same()
    {
        var order = await WorkingOrder();
        var first = (await Server.Api.Execute(order, "X", 4m, 10m)).Expect(HttpStatusCode.Created);
        (await Server.Api.Post($"/api/orders/{order}/executions/X/correct", new { price = 9 }))
            .Expect(HttpStatusCode.OK);
        (await Server.Api.Execute(order, "X", 4m, 10m)).ShouldReplay(first);
    }

    [Fact]
    public async Task an_execution_without_an_order_is_booked_once()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var first = (await Record(portfolio, "B-1", "BUY", 5m)).Expect(HttpStatusCode.Created);
        (await Record(portfolio, "B-1", "BUY", 5m)).ShouldReplay(first);
        await Server.Refuses(422, "execution-id-reused", _ => Record(portfolio, "B-1", "BUY", 6m));
        await Server.Refuses(422, "execution-id-reused", _ => Record(portfolio, "B-1", "SELL", 500m));
        await Server.Refuses(422, "insufficient-shares", _ => Record(portfolio, "B-2", "SELL", 6m));
        (await Record(portfolio, "B-2", "SELL", 5m)).Expect(HttpStatusCode.Created);
        await Server.Refuses(404, "portfolio-not-found", _ => Record(int.MaxValue, "B-3", "BUY", 1m));
    }

    [Theory]
    [InlineData("correct")]
    [InlineData("bust")]
    public async Task an_execution_that_is_not_there_cannot_be_amended(string verb)
    {
        var order = await WorkingOrder();
        foreach (var id in new[] { "none", "%20", "%F0%9F%92%B0", "'--", new string('x', 300) })
        {
            await Server.Refuses(404, "execution-not-found", api => api.Post(
                $"/api/orders/{order}/executions/{id}/{verb}", verb == "correct" ? new { price = 1 } : null));
        }
        await Server.Refuses(404, "order-not-found", api => api.Post($"/api/orders/2147483647/executions/X/{verb}"));
    }

    [Fact]
    public async Task an_execution_is_busted_once_and_not_corrected_any_more()
    {
        var order = await WorkingOrder();
        (await Server.Api.Execute(order, "X", 4m, 10m)).Expect(HttpStatusCode.Created);
        var bust = $"/api/orders/{order}/executions/X/bust";
        (await Server.Api.Post(bust)).Expect(HttpStatusCode.OK).Text("status").ShouldBe("PENDING");
        var state = await Server.ReadState();
        (await Server.Api.Post(bust)).Expect(HttpStatusCode.OK).Text("status").ShouldBe("PENDING");
        (await Server.ReadState()).ShouldBe(state);
        await Server.Refuses(409, "execution-already-busted", api => api.Post(
            $"/api/orders/{order}/executions/X/correct", new { price = 9 }));
    }

    [Fact]
    public async Task a_correction_to_more_than_the_order_is_booked_and_flagged()
    {
        var order = await WorkingOrder();
        (await Server.Api.Execute(order, "X", 4m, 10m)).Expect(HttpStatusCode.Created);
        (await Server.Api.Execute(order, "Y", 5m, 10m)).Expect(HttpStatusCode.Created);
        var correct = $"/api/orders/{order}/executions/X/correct";
        (await Server.Api.Post(correct, new { quantity = "5.1" })).Expect(HttpStatusCode.OK)
            .Body!["overfilled"]!.GetValue<bool>().ShouldBeTrue();
        (await Server.Api.Post(correct, new { quantity = 5 }))
            .Expect(HttpStatusCode.OK).Text("status").ShouldBe("FILLED");
    }

    [Theory]
    [InlineData("A/B")]
    [InlineData("A+B=C")]
    [InlineData("2024-03-08T14:30:00")]
    [InlineData("a@b:c.d_e-f")]
    public async Task an_execution_with_any_id_that_was_taken_can_be_busted(string id)
    {
        var order = await WorkingOrder();
        (await Server.Api.Execute(order, id, 4m, 10m)).Expect(HttpStatusCode.Created);
        var busted = await Server.Api.Post($"/api/orders/{order}/executions/{Uri.EscapeDataString(id)}/bust");
        busted.Expect(HttpStatusCode.OK).Text("status").ShouldBe("PENDING");
    }

    [Fact]
    public async Task a_correction_of_the_time_alone_is_booked()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var order = await Server.Place(portfolio, "BUY", "KO", 10m, 10m);
        (await Server.Api.Execute(order, "X", 10m, 10m)).Expect(HttpStatusCode.Created);
        var at = "2024-03-08T14:30:00Z";
        (await Server.Api.Post($"/api/orders/{order}/executions/X/correct", new { executedAt = at }))
            .Expect(HttpStatusCode.OK);
        var row = (await Server.Api.Get($"/api/portfolios/{portfolio}/transactions")).Items.Single()!;
        row["transactionDate"]!.GetValue<string>().ShouldBe(at);
    }

    [Fact]
    public async Task a_fill_of_a_lot_that_was_named_twice_and_has_shrunk_is_booked()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var lotId = (await Record(portfolio, "a", "BUY", 10m)).Expect(HttpStatusCode.Created).Id("transactionId");
        (await Record(portfolio, "b", "BUY", 10m)).Expect(HttpStatusCode.Created);
        var placed = await Server.Api.Post($"/api/portfolios/{portfolio}/orders", new
        {
            symbol = "KO", side = "SELL", type = "MARKET", quantity = 10,
            lots = new[] { new { lotId, quantity = 5 }, new { lotId, quantity = 5 } },
        });
        (await Record(portfolio, "c", "SELL", 3m)).Expect(HttpStatusCode.Created);
        var filled = await Server.Api.Execute(placed.Expect(HttpStatusCode.Created).Id("orderId"), "X", 10m, 1m);
        filled.Expect(HttpStatusCode.Created).Text("status").ShouldBe("FILLED");
    }

    [Fact]
    public async Task a_bust_that_would_make_a_position_outgrow_the_ledger_is_refused()
    {
        var portfolio = await Server.Api.OpenPortfolio(100_000m);
        var sales = new List<int>();
        await Trade("BUY");
        for (var i = 0; i < 2; i++)
        {
            sales.Add(await Trade("SELL"));
            await Trade("BUY");
        }
        (await Server.Api.Post($"/api/orders/{sales[1]}/executions/X{sales[1]}/bust")).Expect(HttpStatusCode.OK);
        await Server.Refuses(
            422, "amount-too-large", api => api.Post($"/api/orders/{sales[0]}/executions/X{sales[0]}/bust"));

        async Task<int> Trade(string side)
        {
            var order = await Server.Place(portfolio, side, "PENNY", 490_000_000_000m, 0.00000001m);
            var filled = await Server.Api.Execute(order, $"X{order}", 490_000_000_000m, 0.00000001m);
            filled.Expect(HttpStatusCode.Created);
            return order;
        }
    }

    private async Task<int> WorkingOrder() =>
        await Server.Place(await Server.Api.OpenPortfolio(100m), "BUY", "KO", 10m, 10m);

    private async Task<int> EndedOrder(string status)
    {
        if (status == "REJECTED")
        {
            var refused = await Server.Api.PlaceOrder(await Server.Api.OpenPortfolio(0m), "BUY", "KO", 10m, 10m);
            return refused.Expect(HttpStatusCode.UnprocessableEntity).Id("orderId");
        }
        var order = await WorkingOrder();
        var ended = status switch
        {
            "CANCELLED" => await Server.Api.Delete($"/api/orders/{order}"),
            "EXPIRED" => await Server.Api.Post($"/api/orders/{order}/expire"),
            _ => await Server.Api.Execute(order, "all", 10m, 10m),
        };
        ((int)ended.Status).ShouldBeLessThan(300);
        return order;
    }

    private Task<ApiAnswer> Record(int portfolio, string executionId, string side, decimal quantity) => Server.Api.Post(
        $"/api/portfolios/{portfolio}/executions", new { executionId, symbol = "KO", side, quantity, price = 1 });
}
