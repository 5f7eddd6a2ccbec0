using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

/// <summary>Two servers on one database, and requests that reach them at the same moment.</summary>
public sealed class RaceTests(LedgerFixture server) : LedgerTests(server), IAsyncLifetime
{
    private const int Callers = 20;
    private const int Rounds = 15;

    private ApiClient other = null!;

    public static TheoryData<string> Routes => WriteRoutes.All;

    public async Task InitializeAsync() => other = await Server.Second();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task equal_writes_at_one_moment_are_applied_once(string route)
    {
        var (write, key) = (await WriteRoutes.Prepare(Server, route), $"key-{Guid.NewGuid()}");
        var answers = await AtOnce(Callers, _ => write.Send(Server.Api, key));
        answers.ShouldBeOneAndItsReplays().Expect(write.Expected);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task equal_writes_at_one_moment_to_two_servers_are_applied_once(string route)
    {
        var (write, key) = (await WriteRoutes.Prepare(Server, route), $"key-{Guid.NewGuid()}");
        var answers = await AtOnce(Callers, i => write.Send(Either(i), key));
        answers.ShouldBeOneAndItsReplays().Expect(write.Expected);
    }

    [Fact]
    public async Task two_bodies_under_one_key_at_one_moment_are_not_both_applied()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (write, key) = (await WriteRoutes.Prepare(Server, "deposit"), $"key-{Guid.NewGuid()}");
            var events = await Server.CountEvents();
            var answers = await AtOnce(4, i => i < 2 ? write.Send(Either(i), key) : write.SendOther(Either(i), key));
            (await Server.CountEvents()).ShouldBe(events + 1);
            answers.Count(answer => answer.Status == HttpStatusCode.Created).ShouldBe(2);
            foreach (var refused in answers.Where(answer => answer.Status != HttpStatusCode.Created))
                refused.ShouldBeProblem(422, "idempotency-key-reused");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task of_two_first_orders_whose_cash_covers_one_one_is_placed(bool twoServers)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var portfolio = await Server.Api.OpenPortfolio(100m);
            var answers = await AtOnce(2, i => (twoServers ? Either(i) : Server.Api)
                .PlaceOrder(portfolio, "BUY", "KO", 10m, 10m));
            answers.Count(answer => answer.Status == HttpStatusCode.Created).ShouldBe(1);
            answers.Single(answer => answer.Status != HttpStatusCode.Created)
                .ShouldBeProblem(422, "insufficient-buying-power");
            (await Server.Api.Get($"/api/portfolios/{portfolio}")).Amount("reservedCash").ShouldBe(100m);
        }
    }

    [Fact]
    public async Task withdrawals_at_one_moment_take_no_more_than_there_is()
    {
        var portfolio = await Server.Api.OpenPortfolio(100m);
        var answers = await AtOnce(Callers, i => Either(i).Post(
            $"/api/portfolios/{portfolio}/funding", new { type = "WITHDRAWAL", amount = 10 }));
        answers.Count(answer => answer.Status == HttpStatusCode.Created).ShouldBe(10);
        (await Server.Api.Get($"/api/portfolios/{portfolio}")).Amount("cashBalance").ShouldBe(0m);
    }

    [Fact]
    public async Task sales_at_one_moment_reserve_no_more_than_is_held()
    {
        var (portfolio, _) = await Server.OpenWithShares("KO", 100m, 1m);
        var answers = await AtOnce(Callers, i => Either(i).PlaceOrder(portfolio, "SELL", "KO", 10m, 1m));
        answers.Count(answer => answer.Status == HttpStatusCode.Created).ShouldBe(10);
        foreach (var refused in answers.Where(answer => answer.Status != HttpStatusCode.Created))
            refused.ShouldBeProblem(422, "insufficient-shares");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task an_execution_reported_20_times_at_one_moment_is_booked_once(bool twoServers)
    {
        var portfolio = await Server.Api.OpenPortfolio(1000m);
        var order = await Server.Place(portfolio, "BUY", "KO", 100m, 10m);
        var answers = await AtOnce(Callers, i => (twoServers ? Either(i) : Server.Api).Execute(order, "X", 10m, 10m));
        answers.ShouldBeOneAndItsReplays().Expect(HttpStatusCode.Created);
        (await Server.Api.Get($"/api/orders/{order}")).Amount("filledQuantity").ShouldBe(10m);
    }

    [Fact]
    public async Task executions_at_one_moment_are_all_booked_and_those_that_are_too_much_are_flagged()
    {
        var portfolio = await Server.Api.OpenPortfolio(1000m);
        var order = await Server.Place(portfolio, "BUY", "KO", 100m, 10m);
        var answers = await AtOnce(Callers, i => Either(i).Execute(order, $"X{i}", 10m, 10m));
        answers.Count(answer => answer.Expect(HttpStatusCode.Created).Body!["overfilled"] is not null).ShouldBe(10);
        var filled = await Server.Api.Get($"/api/orders/{order}");
        (filled.Text("status"), filled.Amount("filledQuantity")).ShouldBe(("FILLED", 200m));
        var after = await Server.Api.Get($"/api/portfolios/{portfolio}");
        (after.Amount("cashBalance"), after.Amount("reservedCash")).ShouldBe((-1000m, 0m));
    }

    [Fact]
    public async Task a_cancel_and_the_last_fill_at_one_moment_leave_nothing_reserved()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var portfolio = await Server.Api.OpenPortfolio(100m);
            var order = await Server.Place(portfolio, "BUY", "KO", 10m, 10m);
            var answers = await AtOnce(2, i => i == 0
                ? Either(round).Delete($"/api/orders/{order}")
                : Either(round + 1).Execute(order, "X", 10m, 10m));
            // A fill is a fact, whichever came first; a cancel of what is filled is too late.
            var filled = answers[1].Expect(HttpStatusCode.Created);
            if (filled.Text("status") == "CANCELLED")
                filled.Body!["afterEnd"]!.GetValue<bool>().ShouldBeTrue();
            else
                answers[0].ShouldBeProblem(409, "order-not-working");
            (await Server.Api.Get($"/api/portfolios/{portfolio}")).Amount("reservedCash").ShouldBe(0m);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_name_that_20_want_at_one_moment_is_given_to_one(bool twoServers)
    {
        var name = $"Portfolio {Guid.NewGuid()}";
        var answers = await AtOnce(Callers, i => (twoServers ? Either(i) : Server.Api).Post(
            "/api/portfolios", new { userId = 77, name }));
        answers.Count(answer => answer.Status == HttpStatusCode.Created).ShouldBe(1);
        foreach (var refused in answers.Where(answer => answer.Status != HttpStatusCode.Created))
            refused.ShouldBeProblem(409, "portfolio-name-taken");
    }

    [Fact]
    public async Task a_user_first_seen_by_20_at_one_moment_is_made_once()
    {
        var answers = await AtOnce(Callers, i => Either(i).Post(
            "/api/portfolios", new { userId = 88, name = $"Portfolio {i}" }));
        answers.ShouldAllBe(answer => answer.Status == HttpStatusCode.Created);
        (await Server.Api.Get("/api/portfolios?userId=88")).Items.Count.ShouldBe(Callers);
    }

    [Fact]
    public async Task a_taken_name_is_told_only_to_the_caller_who_asked_for_it()
    {
        var taken = $"Portfolio {Guid.NewGuid()}";
        (await Server.Api.Post("/api/portfolios", new { userId = 1, name = taken })).Expect(HttpStatusCode.Created);
        var portfolio = await Server.Api.OpenPortfolio(100m);
        for (var round = 0; round < Rounds; round++)
        {
            var answers = await AtOnce(10, i => i == 5
                ? Server.Api.Patch($"/api/portfolios/{portfolio}", new { name = taken })
                : Server.Api.Post($"/api/portfolios/{portfolio}/close"));
            for (var i = 0; i < answers.Count; i++)
                answers[i].ShouldBeProblem(409, i == 5 ? "portfolio-name-taken" : "portfolio-not-empty");
        }
    }

    private ApiClient Either(int i) => i % 2 == 0 ? Server.Api : other;

    private static async Task<IReadOnlyList<ApiAnswer>> AtOnce(int callers, Func<int, Task<ApiAnswer>> send)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sent = Enumerable.Range(0, callers).Select(async i =>
        {
            await start.Task;
            return await send(i);
        }).ToArray();
        start.SetResult();
        return await Task.WhenAll(sent);
    }
}
