using System.Net;
using Bifrost.Api.Access;
using Bifrost.Api.Operations;
using Bifrost.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Bifrost.Api.Tests.Access;

/// <summary>How much, for how long, and what browsers are told.</summary>
public sealed class LimitTests(GuardedServer server) : IClassFixture<GuardedServer>
{
    // Nothing is put back for as long as a test takes.
    private static readonly RateLimit Two = new(2, 1, TimeSpan.FromHours(1));

    private const string Waits =
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'ledger.access_record'::regclass)";

    [Fact]
    public async Task each_caller_gets_so_much_and_then_429_with_the_time_to_wait()
    {
        await using var app = await server.Start(access => access with { RateLimit = Two });
        using var one = Client(app, server.KeyOf("service"));
        using var other = Client(app, server.KeyOf("auditor"));

        for (var i = 0; i < 2; i++)
            (await one.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
        var refused = await one.Get("/api/portfolios");

        refused.ShouldBeProblem(429, "too-many-requests");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        (await one.Post("/api/portfolios", new { userId = 1, name = "Too many" })).ShouldBeProblem(
            429, "too-many-requests");
        (await other.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task wrong_keys_are_limited_by_where_they_come_from_and_keep_no_caller_out()
    {
        await using var app = await server.Start(access => access with { RateLimit = Two });

        for (var i = 0; i < 2; i++)
            (await Forge(app)).ShouldBeProblem(401, "not-authenticated");
        (await Forge(app)).ShouldBeProblem(429, "too-many-requests");

        using var known = Client(app, server.KeyOf("auditor"));
        (await known.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task a_caller_goes_through_so_many_histories_at_once_and_others_do_not_wait_for_it()
    {
        await using var app = await server.Start(
            access => access with { HistoryReads = 1, HistoryReadsWaiting = 0 });
        using var one = Client(app, server.KeyOf("trader"));
        using var other = Client(app, server.KeyOf("auditor"));
        var (portfolio, _) = await server.OpenFor(GuardedServer.UserOfTrader);
        var (past, audit) = ($"/api/portfolios/{portfolio}?asOf=2999-01-01T00:00:00Z", "/api/audit/explain?field=cash");
        // The first one waits for its record of access.
        await using var held = NpgsqlDataSource.Create(server.Database.ConnectionString);
        await using var connection = await held.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("LOCK TABLE ledger.access_record", connection))
            await hold.ExecuteNonQueryAsync();
        var first = one.Get($"{audit}&portfolioId={portfolio}");
        await Eventually.Is(
            () => server.Database.Query<bool>(Waits), Events.EventListener.Patience, () => "The first one ends.");

        (await one.Get($"{audit}&portfolioId={portfolio}")).ShouldBeProblem(429, "too-many-requests");
        (await one.Get(past)).ShouldBeProblem(429, "too-many-requests");
        (await one.Get($"/api/portfolios/{portfolio}")).Expect(HttpStatusCode.OK);
        (await other.Get(past)).ShouldBeProblem(400, "invalid-request");

        await transaction.CommitAsync();
        (await first).Expect(HttpStatusCode.OK);
        (await one.Get(past)).ShouldBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task the_operator_of_this_machine_has_no_limit()
    {
        var database = new TestDatabase();
        await database.InitializeAsync();
        await using (var app = Create(database, new AccessOptions { RateLimit = Two }))
        {
            await app.StartAsync();
            using var api = Client(app, null);
            for (var i = 0; i < 20; i++)
                (await api.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
        }
        await database.DisposeAsync();
    }

    [Theory]
    [InlineData(1, 2, 1, 1000)]
    [InlineData(1000, 2000, 100, 100)]
    public void a_limit_is_so_many_a_second_and_twice_as_many_at_once(
        int requests, int burst, int tokens, int period) =>
        RateLimit.PerSecond(requests).ShouldBe(new RateLimit(burst, tokens, TimeSpan.FromMilliseconds(period)));

    [Fact]
    public async Task a_request_that_takes_too_long_is_given_up()
    {
        await using var app = Create(
            server.Database, new AccessOptions { TimeLimit = TimeSpan.FromMilliseconds(50) });
        app.MapGet("/api/endless", (HttpContext http) => new TaskCompletionSource().Task.WaitAsync(http.RequestAborted))
            .OpenTo(AccessRule.ReadMarket);
        await app.StartAsync();
        using var api = Client(app, server.KeyOf("operator"));

        (await api.Get("/api/endless")).ShouldBeProblem(504, "took-too-long");
    }

    [Theory]
    [InlineData("/api/portfolios", "default-src 'none'; frame-ancestors 'none'", true)]
    [InlineData("/api/portfolios/2000000000", "default-src 'none'; frame-ancestors 'none'", true)]
    [InlineData("/api/nothing", "default-src 'none'; frame-ancestors 'none'", true)]
    [InlineData("/health/live", "default-src 'none'; frame-ancestors 'none'", false)]
    [InlineData("/docs/index.html", "default-src 'self'; img-src", false)]
    public async Task every_answer_tells_browsers_what_not_to_do(string path, string policy, bool isSecret)
    {
        using var answer = await Get(path, HttpMethod.Get);

        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        answer.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"]);
        answer.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith(policy);
        (answer.Headers.CacheControl?.NoStore ?? false).ShouldBe(isSecret);
    }

    [Fact]
    public async Task an_error_of_the_server_tells_them_too()
    {
        await using var app = Create(server.Database, new AccessOptions());
        app.MapGet("/api/broken", string () => throw new InvalidOperationException()).OpenTo(AccessRule.ReadMarket);
        await app.StartAsync();
        using var api = Client(app, server.KeyOf("operator"));

        var answer = await api.Get("/api/broken");

        answer.ShouldBeProblem(500, "internal-error");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public void what_is_in_the_ledger_is_not_told_with_the_health_of_the_server()
    {
        var whole = new Readiness(
            "degraded", "PostgreSQL", null, "bars", null, 1, new Dictionary<string, string> { ["77"] = "unknown" })
        {
            Verification = new CheckView(5, null, 1, [new DifferenceView("holding", 78, "quantity", "79", "80")]),
            Anchoring = new AnchoringView(5, null, "Event 81 was anchored and is gone."),
        };

        var shown = whole.WithoutDetails();

        (shown.Status, shown.StoppedPortfolios.Count, shown.Verification.Differences).ShouldBe(("degraded", 0, 1));
        shown.Verification.First.ShouldBeEmpty();
        shown.Anchoring.Problem.ShouldNotBeNull().ShouldNotContain("81");
    }

    [Fact]
    public async Task the_page_of_the_documentation_needs_nothing_that_its_policy_forbids()
    {
        using var answer = await Get("/docs/index.html", HttpMethod.Get);
        var page = await answer.Content.ReadAsStringAsync();

        page.ShouldNotContain("<script>");
        page.ShouldNotContain("src=\"http");
        page.ShouldNotContain("href=\"http");
    }

    [Fact]
    public async Task a_page_of_another_site_is_given_no_permission()
    {
        using var preflight = await Get(
            "/api/portfolios",
            HttpMethod.Options,
            ("Origin", "https://other.example"),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization"));
        using var simple = await Get("/api/portfolios", HttpMethod.Get, ("Origin", "https://other.example"));

        preflight.IsSuccessStatusCode.ShouldBeFalse();
        foreach (var answer in new[] { preflight, simple })
        {
            answer.Headers.Select(header => header.Key)
                .ShouldAllBe(name => !name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        }
    }

    private async Task<HttpResponseMessage> Get(
        string path, HttpMethod method, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient { BaseAddress = server.Url };
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new("Bearer", server.KeyOf("auditor"));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await http.SendAsync(request);
    }

    private static WebApplication Create(TestDatabase database, AccessOptions access) =>
        BifrostServer.Create(new ServerOptions(database.ConnectionString, "http://127.0.0.1:0") { Access = access });

    private static async Task<ApiAnswer> Forge(WebApplication app)
    {
        using var forger = Client(app, ApiKeyText.Make().Text);
        return await forger.Get("/api/portfolios");
    }

    private static ApiClient Client(WebApplication app, string? key) => new(new Uri(app.Urls.Single()), key);
}
