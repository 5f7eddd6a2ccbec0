using System.Net;
using System.Text.Json.Nodes;
using Bifrost.Api.Access;
using Bifrost.Api.Tests.Events;
using Bifrost.Harness;
using Microsoft.AspNetCore.Routing;
using static Bifrost.Api.Tests.Access.GuardedServer;

namespace Bifrost.Api.Tests.Access;

/// <summary>A trader sees what is theirs, and cannot tell what is another's from what is not there.</summary>
public sealed class OwnershipTests(GuardedServer server) : IClassFixture<GuardedServer>
{
    private const int Absent = 2_000_000_000;

    private ApiClient Trader => server.As("trader");

    [Fact]
    public async Task what_is_anothers_is_answered_like_what_is_not_there_by_every_route()
    {
        var (portfolio, order) = await server.OpenFor(UserOfOther);
        var events = await server.CountEvents();
        var routes = server.Routes
            .Where(route => route.Route.Metadata.GetMetadata<AccessRule>()! is { Scope: Scope.OnePortfolio } rule
                && rule.Roles.HasFlag(Roles.Trader)).ToList();
        routes.Count.ShouldBeGreaterThan(20);

        foreach (var (name, route) in routes)
        {
            var isOrder = name.Contains("{orderId", StringComparison.Ordinal);
            var caller = CallerOf(route);
            var foreign = await Ask(caller, name, isOrder ? order : portfolio);
            var absent = await Ask(caller, name, Absent);

            var slug = isOrder ? "order-not-found" : "portfolio-not-found";
            foreign.ShouldBeProblem(404, slug);
            Text(foreign, isOrder ? order : portfolio).ShouldBe(Text(absent, Absent), name);
            Headers(foreign).ShouldBe(Headers(absent), name);
        }
        (await server.CountEvents()).ShouldBe(events);
    }

    [Fact]
    public async Task what_is_anothers_takes_the_statements_that_what_is_not_there_takes()
    {
        var (portfolio, order) = await server.OpenFor(UserOfOther);
        // Whatever is kept of what the owner asked for.
        (await server.As("other").Get($"/api/portfolios/{portfolio}")).Expect(HttpStatusCode.OK);
        (await server.As("other").Get($"/api/orders/{order}")).Expect(HttpStatusCode.OK);
        using var statements = new Statements(server.Database.Name, "AND user_id = $2");

        foreach (var name in (string[])["GET /api/portfolios/{portfolioId:int}", "GET /api/orders/{orderId:int}"])
        {
            foreach (var isAbsent in (bool[])[false, true, false, true])
            {
                var there = name.Contains("orderId", StringComparison.Ordinal) ? order : portfolio;
                (await Ask(Trader, name, isAbsent ? Absent : there)).Status.ShouldBe(HttpStatusCode.NotFound);
                statements.Take().ShouldBe(1, $"{name} of what is {(isAbsent ? "not there" : "another's")}");
            }
        }
    }

    [Fact]
    public async Task a_symbol_that_is_only_held_is_an_instrument_for_those_alone_who_see_the_portfolio()
    {
        var (portfolio, _) = await server.OpenFor(GuardedServer.UserOfOther);
        (await server.Operator.Post($"/api/portfolios/{portfolio}/executions", new
        {
            executionId = "HELD-1", symbol = "HELD.X", side = "BUY", quantity = 1, price = 1,
        })).Expect(HttpStatusCode.Created);

        (await Trader.Get("/api/instruments/HELD.X")).ShouldBeProblem(404, "instrument-not-found");
        (await Trader.Get("/api/instruments?limit=1000")).Items
            .ShouldNotContain(item => item!["symbol"]!.GetValue<string>() == "HELD.X");
        foreach (var seer in (ApiClient[])[server.Operator, server.As("other")])
        {
            (await seer.Get("/api/instruments/HELD.X")).Expect(HttpStatusCode.OK)["isDescribed"]
                .GetValue<bool>().ShouldBeFalse();
            (await seer.Get("/api/instruments?limit=1000")).Items
                .ShouldContain(item => item!["symbol"]!.GetValue<string>() == "HELD.X");
        }
    }

    [Fact]
    public async Task a_symbol_that_only_orders_name_is_shown_to_nobody_until_it_has_bars_or_is_described()
    {
        var (portfolio, _) = await server.OpenFor(UserOfOther);
        foreach (var symbol in (string[])["SECRET.A", "SECRET.B"])
        {
            (await server.As("other").PlaceOrder(portfolio, "BUY", symbol, 1m, 10m)).Expect(HttpStatusCode.Created);
            (await server.As("other").PlaceOrder(portfolio, "BUY", symbol, 1_000_000m, 10m))
                .ShouldBeProblem(422, "insufficient-buying-power");
            foreach (var path in (string[])["symbols/", "bars/"])
            {
                (await Trader.Get($"/api/market-data/{path}{symbol}")).ShouldBeProblem(404, "symbol-not-found")
                    .Text("detail").ShouldBe($"There is no symbol {symbol}.");
            }
            (await Trader.Get("/api/market-data/symbols?search=SECRET.")).Items.ShouldBeEmpty();
        }

        (await server.Operator.SendRaw(
            HttpMethod.Put, "/api/market-data/symbols/SECRET.A", "{\"name\": \"A\"}")).Expect(HttpStatusCode.OK);
        (await server.Operator.SendRaw(
            HttpMethod.Post,
            "/api/market-data/bars?interval=day",
            "symbol,time,open,high,low,close,volume\nSECRET.B,2024-03-08,1,1,1,1,1\n",
            "text/csv")).Expect(HttpStatusCode.OK);

        (await Trader.Get("/api/market-data/symbols/SECRET.A")).Text("status").ShouldBe("ACTIVE");
        (await Trader.Get("/api/market-data/symbols/SECRET.B")).Text("status").ShouldBe("UNKNOWN");
        (await Trader.Get("/api/market-data/symbols?search=SECRET.")).Items.Count.ShouldBe(2);
        (await server.Operator.SendRaw(
            HttpMethod.Put, "/api/market-data/symbols/SECRET.B", "{\"status\": \"UNKNOWN\"}"))
            .ShouldBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task a_stream_of_anothers_portfolio_is_answered_like_that_of_one_that_is_not_there()
    {
        var (portfolio, _) = await server.OpenFor(UserOfOther);

        var foreign = await Trader.Get($"/api/events?portfolioId={portfolio}");
        var absent = await Trader.Get($"/api/events?portfolioId={Absent}");

        foreign.ShouldBeProblem(404, "portfolio-not-found");
        Text(foreign, portfolio).ShouldBe(Text(absent, Absent));
    }

    [Theory]
    [InlineData("/api/audit/explain?field=cash")]
    [InlineData("/api/audit/explain?field=cash&portfolioId=")]
    [InlineData("/api/audit/trial-balance?portfolioId={other}&portfolioId={own}")]
    [InlineData("/api/audit/trial-balance?portfolioId={own}&PortfolioId={other}")]
    [InlineData("/api/events?portfolioId={own},{other}")]
    [InlineData("/api/events?portfolioId=")]
    public async Task a_trader_who_names_no_one_portfolio_is_refused(string path)
    {
        var (own, _) = await server.OpenFor(UserOfTrader);
        var (other, _) = await server.OpenFor(UserOfOther);
        var named = path.Replace("{own}", $"{own}", StringComparison.Ordinal)
            .Replace("{other}", $"{other}", StringComparison.Ordinal);

        (await Trader.Get(named)).ShouldBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task a_list_of_portfolios_has_those_of_the_trader_only()
    {
        var (own, _) = await server.OpenFor(UserOfTrader);
        var (other, _) = await server.OpenFor(UserOfOther);

        var mine = (await Trader.Get("/api/portfolios?limit=1000")).Items;
        var theirs = (await Trader.Get($"/api/portfolios?userId={UserOfOther}")).Items;
        var all = (await server.As("auditor").Get("/api/portfolios?limit=1000")).Items;

        mine.ShouldAllBe(portfolio => (int)portfolio!["userId"]! == UserOfTrader);
        mine.Select(Id).ShouldContain(own);
        theirs.ShouldBeEmpty();
        all.Select(Id).ShouldContain(own);
        all.Select(Id).ShouldContain(other);
    }

    [Fact]
    public async Task a_trader_opens_portfolios_of_their_own_only()
    {
        var events = await server.CountEvents();
        var request = new { userId = UserOfOther, name = $"Portfolio {Guid.NewGuid()}" };

        (await Trader.Post("/api/portfolios", request)).ShouldBeProblem(403, "not-allowed");

        (await server.CountEvents()).ShouldBe(events);
        await Trader.OpenPortfolio(0m, userId: UserOfTrader);
        await server.As("service+orders").OpenPortfolio(0m, userId: UserOfTrader);
    }

    [Fact]
    public async Task a_trader_trades_their_own_portfolio()
    {
        var portfolio = await Trader.OpenPortfolio(0m, userId: UserOfTrader);
        (await server.As("trader+cash").Post(
            $"/api/portfolios/{portfolio}/funding", new { type = "DEPOSIT", amount = 1_000 }))
            .Expect(HttpStatusCode.Created);
        var order = (await Trader.PlaceOrder(portfolio, "BUY", "KO", 2m, 10m)).Expect(HttpStatusCode.Created);
        (await server.As("service").Execute(order.Id("orderId"), "X-1", 2m, 10m)).Expect(HttpStatusCode.Created);
        // Filled, so no grain knows the way to it any more.
        (await Trader.Get($"/api/orders/{order.Id("orderId")}")).Text("status").ShouldBe("FILLED");
        (await Trader.Get($"/api/portfolios/{portfolio}")).Amount("cashBalance").ShouldBe(980m);
        (await Trader.Get($"/api/audit/explain?portfolioId={portfolio}&field=cash")).Amount("value").ShouldBe(980m);
    }

    [Fact]
    public async Task an_idempotency_key_of_another_caller_is_none_of_ours()
    {
        var (portfolio, _) = await server.OpenFor(UserOfTrader);
        var (path, deposit) = ($"/api/portfolios/{portfolio}/funding", new { type = "DEPOSIT", amount = 5 });

        var first = (await server.Operator.Post(path, deposit, "same")).Expect(HttpStatusCode.Created);
        var trader = server.As("trader+cash");
        var second = (await trader.Post(path, deposit, "same")).Expect(HttpStatusCode.Created);

        second.IsReplayed.ShouldBeFalse();
        second.Id("fundingId").ShouldNotBe(first.Id("fundingId"));
        (await trader.Post(path, deposit, "same")).ShouldReplay(second);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_stream_without_a_portfolio_has_the_events_of_the_traders_own_only(bool isBehind)
    {
        var before = await server.Database.Query<long>("SELECT coalesce(max(seq_id), 0) FROM events.mt_events");
        if (isBehind)
            await TradeBoth();
        await using var stream = await EventListener.Open(
            server.Url, isBehind ? $"after={before}" : "", key: server.KeyOf("trader"));
        if (!isBehind)
            await TradeBoth();

        var due = await server.Database.Query<long[]>(
            $"""
            SELECT array_agg(e.seq_id ORDER BY e.seq_id)
            FROM ledger.portfolio_event e JOIN portfolio p USING (portfolio_id)
            WHERE p.user_id = {UserOfTrader} AND e.seq_id > {before}
            """);

        (await stream.Sequences(due.Length)).ShouldBe(due);
    }

    [Fact]
    public async Task a_portfolio_opened_while_the_stream_is_read_is_in_it()
    {
        await using var stream = await EventListener.Open(server.Url, key: server.KeyOf("trader"));
        await server.OpenFor(UserOfOther);
        var portfolio = await Trader.OpenPortfolio(0m, userId: UserOfTrader);
        (await Trader.PlaceOrder(portfolio, "SELL", "KO", 1m, 10m)).ShouldBeProblem(422, "insufficient-shares");

        var events = await stream.Events(2);

        events.Select(message => (int)message["portfolioId"]!).ShouldBe([portfolio, portfolio]);
        events.Select(message => (string)message["actor"]!).ShouldBe(["trader", "trader"]);
    }

    // More than a page of the log, in turns, and portfolios that are opened on the way.
    private async Task TradeBoth()
    {
        foreach (var _ in Enumerable.Range(0, 3))
        {
            var portfolios = new[]
            {
                await server.Operator.OpenPortfolio(1m, userId: UserOfTrader),
                await server.Operator.OpenPortfolio(1m, userId: UserOfOther),
            };
            await Task.WhenAll(Enumerable.Range(0, 400).Select(i => server.Operator.Post(
                $"/api/portfolios/{portfolios[i % 2]}/funding", new { type = "DEPOSIT", amount = 1 })));
        }
    }

    // One who may call the route, were it not for whose it is.
    private ApiClient CallerOf(RouteEndpoint route) =>
        route.Metadata.GetMetadata<AccessRule>()!.Needs is > Rights.None and var needed
            ? server.As($"trader+{needed.Words().Single()}")
            : Trader;

    private static Task<ApiAnswer> Ask(ApiClient caller, string name, int id)
    {
        var (method, path) = (name.Split(' ')[0], name.Split(' ')[1]);
        path = path.Replace("{portfolioId:int}", $"{id}", StringComparison.Ordinal)
            .Replace("{orderId:int}", $"{id}", StringComparison.Ordinal)
            .Replace("{fundingId:int}", "1", StringComparison.Ordinal)
            .Replace("{externalId}", "X-1", StringComparison.Ordinal)
            .Replace("{executionId}", "X-1", StringComparison.Ordinal);
        if (!name.Contains('{', StringComparison.Ordinal))
            path += $"?portfolioId={id}&field=cash";
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("If-Match", "\"2\"");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", "key");
        return caller.Send(request);
    }

    private static int Id(JsonNode? portfolio) => (int)portfolio!["portfolioId"]!;

    private static string Text(ApiAnswer answer, int id) =>
        answer.Body!.ToJsonString().Replace($"{id}", "ID", StringComparison.Ordinal);

    private static string Headers(ApiAnswer answer) =>
        string.Join(' ', answer.Headers.Where(header => header.Key != "Date").Select(header => header.Key).Order());
}
