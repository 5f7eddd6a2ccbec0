using System.Net;
using System.Text.Json.Nodes;
using Bifrost.Api.Access;
using Bifrost.Harness;
using Npgsql;
using static Bifrost.Api.Tests.Access.GuardedServer;

namespace Bifrost.Api.Tests.Access;

/// <summary>Who did it stands on what was done; who read it, beside it.</summary>
public sealed class RecordTests(GuardedServer server) : IClassFixture<GuardedServer>
{
    [Theory]
    [InlineData("operator")]
    [InlineData("service+orders")]
    [InlineData("trader")]
    public async Task the_actor_of_an_event_is_the_caller_whatever_the_request_says(string caller)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/portfolios");
        foreach (var header in new[] { "X-Actor", "X-User", "X-Forwarded-User", "From", "Actor", "X-Remote-User" })
            request.Headers.TryAddWithoutValidation(header, "mallory");
        request.Headers.TryAddWithoutValidation("Cookie", "actor=mallory; user=mallory");
        request.Content = System.Net.Http.Json.JsonContent.Create(
            new { userId = UserOfTrader, name = $"Portfolio {Guid.NewGuid()}" });

        var opened = (await server.As(caller).Send(request)).Expect(HttpStatusCode.Created);

        (await server.Database.Query<string>(
            $"SELECT user_name FROM events.mt_events WHERE seq_id = {opened.Number("sequence")}")).ShouldBe(caller);
    }

    [Theory]
    [InlineData("actor")]
    [InlineData("userName")]
    public async Task a_query_that_names_an_actor_is_refused(string name)
    {
        var body = new JsonObject { ["userId"] = 1, ["name"] = $"Portfolio {Guid.NewGuid()}" };

        (await server.Operator.Post($"/api/portfolios?{name}=mallory", body)).ShouldBeProblem(400, "invalid-request");
    }

    [Theory]
    [InlineData("actor")]
    [InlineData("userName")]
    [InlineData("user")]
    public async Task a_body_that_names_an_actor_is_refused(string field)
    {
        var body = new JsonObject { ["userId"] = 1, ["name"] = $"Portfolio {Guid.NewGuid()}", [field] = "mallory" };

        (await server.Operator.Post("/api/portfolios", body)).ShouldBeProblem(400, "invalid-request");
    }

    [Theory]
    [InlineData("auditor", "/api/audit/explain", "field=cash&", "Explain")]
    [InlineData("operator", "/api/audit/trial-balance", "", "GetTrialBalance")]
    [InlineData("trader", "/api/audit/trial-balance", "", "GetTrialBalance")]
    [InlineData("auditor", "/api/events", "prices=false&", "StreamEvents")]
    public async Task who_reads_what_matters_leaves_a_record(string caller, string path, string query, string action)
    {
        var (portfolio, _) = await server.OpenFor(UserOfTrader);
        var last = await LastRecord();

        (await server.As(caller).Get($"{path}?{query}portfolioId={portfolio}")).Expect(HttpStatusCode.OK);

        var record = (await Records(last)).ShouldHaveSingleItem()!;
        record.ToJsonString().ShouldNotContain("bfk_");
        ((string)record["actor"]!, (string)record["role"]!, (string)record["action"]!)
            .ShouldBe((caller, caller, action));
        ((string)record["path"]!, (string)record["query"]!).ShouldBe((path, $"?{query}portfolioId={portfolio}"));
        ((int)record["portfolioId"]!, (string)record["remoteAddress"]!).ShouldBe((portfolio, "127.0.0.1"));
        DateTimeOffset.Parse((string)record["at"]!, System.Globalization.CultureInfo.InvariantCulture)
            .ShouldBeInRange(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    [Fact]
    public async Task a_question_that_is_wrong_is_recorded_as_it_was_asked()
    {
        var last = await LastRecord();

        (await server.As("auditor").Get("/api/audit/explain?portfolioId=%00&field=%C3%A9")).ShouldBeProblem(
            400, "invalid-request");

        var record = (await Records(last)).ShouldHaveSingleItem()!;
        ((string)record["query"]!, record["portfolioId"]).ShouldBe(("?portfolioId=%00&field=%C3%A9", null));
    }

    [Fact]
    public async Task what_others_do_leaves_no_record()
    {
        var (portfolio, _) = await server.OpenFor(UserOfTrader);
        var last = await LastRecord();

        (await server.As("service").Get("/api/events")).Expect(HttpStatusCode.OK);
        (await server.As("auditor").Get($"/api/portfolios/{portfolio}")).Expect(HttpStatusCode.OK);
        (await server.As("other").Get($"/api/audit/trial-balance?portfolioId={portfolio}")).ShouldBeProblem(
            404, "portfolio-not-found");

        (await Records(last)).ShouldBeEmpty();
    }

    [Fact]
    public async Task records_are_listed_by_page_and_by_actor()
    {
        var (portfolio, _) = await server.OpenFor(UserOfTrader);
        var last = await LastRecord();
        foreach (var caller in new[] { "auditor", "operator", "auditor" })
            await server.As(caller).Get($"/api/audit/trial-balance?portfolioId={portfolio}");

        var page = await server.As("auditor").Get($"/api/audit/access?after={last}&limit=2");
        var rest = await server.As("auditor").Get($"/api/audit/access?after={page.Text("next")}");
        var own = await server.As("auditor").Get($"/api/audit/access?after={last}&actor=auditor");

        page.Items.Select(Actor).ShouldBe(["auditor", "operator"]);
        rest.Items.Select(Actor).ShouldBe(["auditor"]);
        own.Items.Select(Actor).ShouldBe(["auditor", "auditor"]);
        (await server.As("auditor").Get("/api/audit/access?actor=%00")).ShouldBeProblem(400, "invalid-request");
    }

    [Theory]
    [InlineData("UPDATE ledger.access_record SET actor = 'nobody'")]
    [InlineData("DELETE FROM ledger.access_record")]
    [InlineData("TRUNCATE ledger.access_record")]
    public async Task a_record_stays_as_it_is(string sql)
    {
        foreach (var role in new[] { "", ";Options=-c role=bifrost_app" })
        {
            await using var source = NpgsqlDataSource.Create(server.Database.ConnectionString + role);
            await using var command = source.CreateCommand(sql);
            (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState.ShouldBeOneOf(
                PostgresErrorCodes.RestrictViolation, PostgresErrorCodes.InsufficientPrivilege);
        }
    }

    [Fact]
    public async Task what_cannot_be_recorded_is_not_answered()
    {
        var (portfolio, _) = await server.OpenFor(UserOfTrader);
        var path = $"/api/audit/trial-balance?portfolioId={portfolio}";
        await Execute("ALTER TABLE ledger.access_record ADD CONSTRAINT full_up CHECK (actor <> 'auditor') NOT VALID");
        try
        {
            var refused = await server.As("auditor").Get(path);

            refused.ShouldBeProblem(503, "access-not-recorded");
            refused.Headers.RetryAfter.ShouldNotBeNull();
            (await server.As("auditor").Get("/api/events?prices=false")).ShouldBeProblem(503, "access-not-recorded");
            (await server.As("operator").Get(path)).Expect(HttpStatusCode.OK);
        }
        finally
        {
            await Execute("ALTER TABLE ledger.access_record DROP CONSTRAINT full_up");
        }
        (await server.As("auditor").Get(path)).Expect(HttpStatusCode.OK);
    }

    private static string Actor(JsonNode? record) => (string)record!["actor"]!;

    private async Task<long> LastRecord() =>
        await server.Database.Query<long>("SELECT coalesce(max(record_id), 0) FROM ledger.access_record");

    private async Task<JsonArray> Records(long after) =>
        (await server.As("auditor").Get($"/api/audit/access?after={after}")).Expect(HttpStatusCode.OK).Items;

    private async Task Execute(string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.Database.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
