using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

public sealed class IdempotencyTests(LedgerFixture server) : LedgerTests(server)
{
    public static TheoryData<string> Routes => WriteRoutes.All;

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task a_write_repeated_with_its_key_is_answered_the_same_and_applied_once(string route)
    {
        var (write, key) = (await WriteRoutes.Prepare(Server, route), NewKey());
        var first = (await write.Send(Server.Api, key)).Expect(write.Expected);
        var state = await Server.ReadState();
        for (var i = 0; i < 3; i++)
            (await write.Send(Server.Api, key)).ShouldReplay(first);
        (await Server.ReadState()).ShouldBe(state);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task a_key_that_comes_again_with_another_body_is_refused(string route)
    {
        var (write, key) = (await WriteRoutes.Prepare(Server, route), NewKey());
        var first = (await write.Send(Server.Api, key)).Expect(write.Expected);
        await Server.Refuses(422, "idempotency-key-reused", api => write.SendOther(api, key));
        (await write.Send(Server.Api, key)).ShouldReplay(first);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task a_repeat_is_answered_the_same_by_another_server(string route)
    {
        var (write, key) = (await WriteRoutes.Prepare(Server, route), NewKey());
        var first = (await write.Send(Server.Api, key)).Expect(write.Expected);
        // It has not met the portfolio yet.
        var other = await Server.Second();

        var state = await Server.ReadState();
        (await write.Send(other, key)).ShouldReplay(first);
        (await write.SendOther(other, key)).ShouldBeProblem(422, "idempotency-key-reused");
        (await Server.ReadState()).ShouldBe(state);
    }

    [Fact]
    public async Task a_repeat_is_answered_the_same_after_the_portfolio_has_moved_on()
    {
        var (write, key) = (await WriteRoutes.Prepare(Server, "order"), NewKey());
        var first = (await write.Send(Server.Api, key)).Expect(HttpStatusCode.Created);
        (await Server.Api.Delete($"/api/orders/{first.Id("orderId")}")).Expect(HttpStatusCode.OK);
        (await write.Send(Server.Api, key)).ShouldReplay(first);
    }

    [Fact]
    public async Task a_key_is_good_for_one_route_only()
    {
        var key = NewKey();
        var portfolio = await Server.Api.OpenPortfolio(100m);
        (await Server.Api.Post($"/api/portfolios/{portfolio}/close", null, key))
            .ShouldBeProblem(409, "portfolio-not-empty");
        var funding = $"/api/portfolios/{portfolio}/funding";
        (await Server.Api.Post(funding, new { type = "FEE", amount = 1 }, key)).Expect(HttpStatusCode.Created);
        await Server.Refuses(
            422, "idempotency-key-reused", api => api.Post($"/api/portfolios/{portfolio}/close", null, key));
        var other = await Server.Api.OpenPortfolio(0m);
        await Server.Refuses(422, "idempotency-key-reused", api => api.Post(
            $"/api/portfolios/{other}/funding", new { type = "FEE", amount = 1 }, key));
    }

    [Fact]
    public async Task a_refusal_that_is_not_on_the_record_does_not_use_up_the_key()
    {
        var key = NewKey();
        var (portfolio, body) = (await Server.Api.OpenPortfolio(0m), new { type = "FEE", amount = "0.001" });
        await Server.Refuses(422, "amount-too-precise", api => api.Post(Funding(portfolio), body, key));
        await Server.Refuses(400, "invalid-request", api => api.Post(Funding(portfolio), new { type = "FEE" }, key));
        (await Server.Api.Post(Funding(portfolio), new { type = "FEE", amount = 1 }, key))
            .Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task how_the_body_and_the_path_are_spelled_makes_no_other_request()
    {
        var (portfolio, key) = (await Server.Api.OpenPortfolio(0m), NewKey());
        var first = await Server.Api.Post(Funding(portfolio), new { type = "FEE", amount = "1.50" }, key);
        var path = Funding(portfolio);
        foreach (var spelled in new[] { path, path + "/", $"/api/Portfolios/0{portfolio}/Funding" })
        {
            using var content = new StringContent(
                """ { "amount" : 1.5, "symbol": null, "type":"fee" } """, null, "application/json");
            var repeat = await Server.Send(HttpMethod.Post, spelled, content, ("Idempotency-Key", key));
            repeat.ShouldReplay(first);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\tb")]
    public async Task a_key_that_is_none_is_refused(string key)
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        await Server.RefusesField("Idempotency-Key", api =>
            api.Post(Funding(portfolio), new { type = "FEE", amount = 1 }, key));
    }

    [Fact]
    public async Task a_key_has_up_to_200_characters()
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        var key = NewKey().PadRight(200, 'x');
        await Server.RefusesField("Idempotency-Key", api => api.Post(Funding(portfolio), Fee(), key + "x"));
        (await Server.Api.Post(Funding(portfolio), Fee(), key)).Expect(HttpStatusCode.Created);
        (await Server.Api.Post(Funding(portfolio), Fee(), key)).IsReplayed.ShouldBeTrue();
        (await Server.Api.Post(Funding(portfolio), Fee(), key[..^1] + "y")).IsReplayed.ShouldBeFalse();
    }

    [Theory]
    [InlineData("\"x\"")]
    [InlineData("\"\"")]
    [InlineData("\"-1\"")]
    [InlineData("\"1.0\"")]
    [InlineData("W/\"2\"")]
    [InlineData("\"1\", \"2\"")]
    [InlineData("\"99999999999999999999\"")]
    [InlineData("2 OR 1=1")]
    public async Task an_if_match_that_is_no_version_is_refused(string ifMatch)
    {
        var portfolio = await Server.Api.OpenPortfolio(5m);
        await Server.RefusesField("If-Match", api => api.Post(Funding(portfolio), Fee(), null, ifMatch));
    }

    [Fact]
    public async Task a_stale_version_is_refused_and_the_right_one_is_taken_once()
    {
        var portfolio = await Server.Api.OpenPortfolio(5m);
        foreach (var stale in new[] { "\"0\"", "\"1\"", "\"3\"", "\"9223372036854775807\"" })
            await Server.Refuses(412, "version-mismatch", api => api.Post(Funding(portfolio), Fee(), null, stale));
        var taken = await Server.Api.Post(Funding(portfolio), Fee(), null, "\"2\"");
        taken.Expect(HttpStatusCode.Created).Number("portfolioVersion").ShouldBe(3);
        taken.Headers.ETag!.Tag.ShouldBe("\"3\"");
        await Server.Refuses(412, "version-mismatch", api => api.Post(Funding(portfolio), Fee(), null, "\"2\""));
        await Server.Refuses(412, "version-mismatch", api => api.Patch(
            $"/api/portfolios/{portfolio}", new { allowShort = true }, null, "\"2\""));
    }

    [Fact]
    public async Task a_repeat_with_the_version_it_was_first_sent_with_is_answered_the_same()
    {
        var (portfolio, key) = (await Server.Api.OpenPortfolio(5m), NewKey());
        var first = await Server.Api.Post(Funding(portfolio), Fee(), key, "\"2\"");
        first.Expect(HttpStatusCode.Created);
        (await Server.Api.Post(Funding(portfolio), Fee(), key, "\"2\"")).ShouldReplay(first);
    }

    [Fact]
    public async Task a_client_order_id_is_placed_once()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var first = (await Place(portfolio, 1)).Expect(HttpStatusCode.Created);
        var state = await Server.ReadState();
        (await Place(portfolio, 1)).ShouldReplay(first);
        (await Server.ReadState()).ShouldBe(state);
        await Server.Refuses(422, "client-order-id-reused", _ => Place(portfolio, 2));
        (await Place(await Server.Api.OpenPortfolio(100m), 1))
            .Expect(HttpStatusCode.Created).IsReplayed.ShouldBeFalse();
    }

    [Fact]
    public async Task a_refused_client_order_id_is_refused_the_same_again()
    {
        var portfolio = await Server.Api.OpenPortfolio(5m);
        var first = await Server.RefusesOnRecord("insufficient-buying-power", _ => Place(portfolio, 1));
        (await Server.Api.Post(Funding(portfolio), new { type = "DEPOSIT", amount = 100 }))
            .Expect(HttpStatusCode.Created);
        (await Place(portfolio, 1)).ShouldReplay(first);
    }

    private Task<ApiAnswer> Place(int portfolio, int quantity) => Server.Api.Post(
        $"/api/portfolios/{portfolio}/orders",
        new { clientOrderId = "mine", symbol = "KO", side = "BUY", type = "LIMIT", quantity, limitPrice = 10 });

    private static object Fee() => new { type = "FEE", amount = 1 };

    private static string Funding(int portfolio) => $"/api/portfolios/{portfolio}/funding";

    private static string NewKey() => $"key-{Guid.NewGuid()}";
}
