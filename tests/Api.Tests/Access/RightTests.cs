using System.Net;
using Bifrost.Api.Access;
using Bifrost.Harness;
using static Bifrost.Api.Tests.Access.GuardedServer;

namespace Bifrost.Api.Tests.Access;

/// <summary>What callers may bring about beside what their role sees; RoleTests has the routes.</summary>
public sealed class RightTests(GuardedServer server) : IClassFixture<GuardedServer>
{
    [Theory]
    [InlineData("trader", UserOfTrader)]
    [InlineData("service", null)]
    public async Task a_leaked_key_as_it_is_made_makes_no_cash(string name, int? userId)
    {
        var (portfolio, order) = await server.OpenFor(userId ?? UserOfTrader);
        var before = await Cash(portfolio);

        (await Move(server.As(name), portfolio, "DEPOSIT", 1m)).ShouldBeProblem(403, "right-not-granted");
        if (name == "trader")
        {
            (await server.As(name).Execute(order, "X-1", 1m, 0.01m)).ShouldBeProblem(403, "right-not-granted");
            (await server.As(name).Patch($"/api/portfolios/{portfolio}", new { allowOverdraft = true }))
                .ShouldBeProblem(403, "right-not-granted");
        }
        (await Cash(portfolio)).ShouldBe(before);
    }

    [Fact]
    public async Task a_key_with_all_three_does_what_keys_did_before()
    {
        var api = await Caller("everything", new Grant(Rights.All, 1_000m));
        var portfolio = await api.OpenPortfolio(1_000m, userId: UserOfTrader);
        var order = (await api.PlaceOrder(portfolio, "BUY", "KO", 2m, 10m)).Expect(HttpStatusCode.Created);
        (await api.Execute(order.Id("orderId"), "X-1", 2m, 10m)).Expect(HttpStatusCode.Created);

        (await Cash(portfolio)).ShouldBe(980m);
    }

    [Fact]
    public async Task cash_moves_up_to_its_limit_in_and_out_and_over_all_portfolios()
    {
        var api = await Caller("limited", new Grant(Rights.Orders | Rights.Cash, 100m));
        var (one, other) = (await api.OpenPortfolio(60m, userId: UserOfTrader), await Open(api));

        (await Move(api, one, "WITHDRAWAL", 30m)).Expect(HttpStatusCode.Created);
        var refused = await Move(api, other, "DEPOSIT", 10.01m);
        (await Move(api, other, "DEPOSIT", 10m)).Expect(HttpStatusCode.Created);

        refused.ShouldBeProblem(429, "cash-limit-reached").Text("detail").ShouldContain("at most 100 a day");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeLessThanOrEqualTo(TimeSpan.FromDays(1));
        (await Move(api, other, "DEPOSIT", 0.01m)).ShouldBeProblem(429, "cash-limit-reached");
        (await Cash(one), await Cash(other)).ShouldBe((30m, 10m));
    }

    [Fact]
    public async Task what_did_not_move_is_not_counted_and_a_repeat_is_answered_as_it_was()
    {
        var api = await Caller("careful", new Grant(Rights.Orders | Rights.Cash, 100m));
        var portfolio = await Open(api);

        (await Move(api, portfolio, "WITHDRAWAL", 90m)).ShouldBeProblem(422, "insufficient-cash");
        (await Move(api, portfolio, "DEPOSIT", 0.001m)).ShouldBeProblem(422, "amount-too-precise");
        var first = (await Move(api, portfolio, "DEPOSIT", 60m, "once")).Expect(HttpStatusCode.Created);
        (await Move(api, portfolio, "DEPOSIT", 60m, "once")).ShouldReplay(first);
        (await Move(api, portfolio, "DEPOSIT", 40m)).Expect(HttpStatusCode.Created);
        // Nothing is left, and it is still the answer to what was done.
        (await Move(api, portfolio, "DEPOSIT", 60m, "once")).ShouldReplay(first);
        (await Move(api, portfolio, "DEPOSIT", 60m, "twice")).ShouldBeProblem(429, "cash-limit-reached");

        (await Cash(portfolio)).ShouldBe(100m);
    }

    [Fact]
    public async Task what_comes_at_once_through_two_servers_is_together_no_more_than_the_limit()
    {
        var (_, text) = await server.MakeKey(
            "eager", Roles.Trader, UserOfTrader, new Grant(Rights.Orders | Rights.Cash, 100m));
        await using var second = await server.Start();
        using var one = new ApiClient(server.Url, text);
        using var other = new ApiClient(new Uri(second.Urls.Single()), text);
        var portfolio = await Open(one);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(i => Move(i % 2 == 0 ? one : other, portfolio, "DEPOSIT", 10m)));

        answers.Count(answer => answer.Status == HttpStatusCode.Created).ShouldBe(10);
        answers.Count(answer => answer.Status == HttpStatusCode.TooManyRequests).ShouldBe(30);
        (await Cash(portfolio)).ShouldBe(100m);
    }

    [Fact]
    public async Task yesterdays_cash_is_not_counted()
    {
        var api = await Caller("early", new Grant(Rights.Orders | Rights.Cash, 100m));
        var portfolio = await Open(api);
        (await Move(api, portfolio, "DEPOSIT", 100m)).Expect(HttpStatusCode.Created);
        (await Move(api, portfolio, "DEPOSIT", 1m)).ShouldBeProblem(429, "cash-limit-reached");

        await server.Database.Query<int>(
            "UPDATE ledger.cash_use SET day = day - 1 WHERE actor = 'early' RETURNING 1");

        (await Move(api, portfolio, "DEPOSIT", 100m)).Expect(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("trader+orders", 403)]
    [InlineData("trader+cash", 403)]
    [InlineData("operator", 200)]
    public async Task credit_without_an_end_is_given_by_who_moves_cash_without_an_end(string name, int status)
    {
        var (portfolio, _) = await server.OpenFor(UserOfTrader);

        var changed = await server.As(name).Patch($"/api/portfolios/{portfolio}", new { allowOverdraft = true });
        var opened = await server.As(name).Post(
            "/api/portfolios",
            new { userId = UserOfTrader, name = $"Portfolio {Guid.NewGuid()}", allowOverdraft = true });

        ((int)changed.Status).ShouldBe(status);
        opened.Status.ShouldBe(status == 200 ? HttpStatusCode.Created : HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task other_rights_are_known_to_servers_within_seconds()
    {
        var (keyId, text) = await server.MakeKey("promoted", Roles.Trader, UserOfTrader);
        using var api = new ApiClient(server.Url, text);
        var portfolio = await Open(api);
        (await Move(api, portfolio, "DEPOSIT", 1m)).ShouldBeProblem(403, "right-not-granted");
        var key = (await server.Keys.List()).Single(key => key.KeyId == keyId);

        (await server.Keys.SetRights(key, new Grant(Rights.Cash, 5m))).ShouldBeTrue();

        await Becomes(HttpStatusCode.Created, () => Move(api, portfolio, "DEPOSIT", 1m));
        (await api.Post("/api/portfolios", new { userId = UserOfTrader, name = "No more" }))
            .ShouldBeProblem(403, "right-not-granted");
    }

    [Theory]
    [InlineData(Roles.Operator, Rights.Orders, null)]
    [InlineData(Roles.Auditor, Rights.Orders, null)]
    [InlineData(Roles.Trader, Rights.Cash, null)]
    [InlineData(Roles.Trader, Rights.Orders, 5)]
    [InlineData(Roles.Service, Rights.Cash, 0)]
    [InlineData(Roles.Service, Rights.Cash, -1)]
    public async Task rights_that_cannot_be_are_refused(Roles role, Rights rights, int? cashPerDay) =>
        await Should.ThrowAsync<KeyRefusedException>(() => server.Keys.Create(
            "nobody", role, role == Roles.Trader ? 9 : null, null, new Grant(rights, cashPerDay)));

    [Theory]
    [InlineData("rights = '{everything}'", "api_key_rights")]
    [InlineData("rights = '{orders,undecided}'", "api_key_rights")]
    [InlineData("rights = '{cash}'", "api_key_cash")]
    [InlineData("rights = '{cash}', cash_per_day = 0", "api_key_cash")]
    [InlineData("cash_per_day = 5", "api_key_cash")]
    public async Task the_table_is_held_to_the_same(string change, string constraint) =>
        (await Should.ThrowAsync<Npgsql.PostgresException>(() => server.Database.Query<object>(
            $"UPDATE ledger.api_key SET {change} WHERE name = 'trader' RETURNING 1")))
            .ConstraintName.ShouldBe(constraint);

    private async Task<ApiClient> Caller(string name, Grant grant)
    {
        await server.MakeKey(name, Roles.Trader, UserOfTrader, grant);
        return server.As(name);
    }

    private static Task<int> Open(ApiClient api) => api.OpenPortfolio(0m, userId: UserOfTrader);

    private static Task<ApiAnswer> Move(
        ApiClient api, int portfolio, string type, decimal amount, string? key = null) =>
        api.Post($"/api/portfolios/{portfolio}/funding", new { type, amount }, key);

    private async Task<decimal> Cash(int portfolio) =>
        (await server.Operator.Get($"/api/portfolios/{portfolio}")).Amount("cashBalance");

    private static async Task Becomes(HttpStatusCode status, Func<Task<ApiAnswer>> ask)
    {
        ApiAnswer? answer = null;
        await Eventually.Is(
            async () => (answer = await ask()).Status == status, Events.EventListener.Patience, () => $"{answer}");
    }
}
