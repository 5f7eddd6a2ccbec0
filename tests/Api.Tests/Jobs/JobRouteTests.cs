using System.Net;
using System.Text.Json.Nodes;
using Bifrost.Harness;

namespace Bifrost.Api.Tests.Jobs;

public sealed class JobRouteTests(LedgerFixture server) : LedgerTests(server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("csv")]
    [InlineData("jsonl")]
    [InlineData("beancount")]
    public async Task an_export_that_is_a_job_is_the_one_that_is_a_request(string format)
    {
        var (portfolio, _) = await Server.OpenWithShares("ORCL", 10m, 11.37m);

        var asked = await Start("export", new { format, portfolioId = portfolio });
        var done = await Ended(asked);

        done.Text("state").ShouldBe("succeeded", done.ToString());
        using var job = await Server.Http.GetAsync($"/api/jobs/{asked}/content");
        using var request = await Server.Http.GetAsync(
            $"/api/audit/export?format={format}&portfolioId={portfolio}");
        (await job.Content.ReadAsStringAsync()).ShouldBe(await request.Content.ReadAsStringAsync());
        job.Content.Headers.ContentType.ShouldBe(request.Content.Headers.ContentType);
        job.Content.Headers.ContentDisposition!.FileName
            .ShouldBe(request.Content.Headers.ContentDisposition!.FileName);
    }

    [Fact]
    public async Task a_job_is_accepted_and_says_where_it_is_to_be_seen()
    {
        var answer = await Server.Api.Post("/api/jobs", new { kind = "audit", arguments = new { } });

        answer.Expect(HttpStatusCode.Accepted);
        answer.Headers.Location!.ToString().ShouldBe($"/api/jobs/{answer.Text("jobId")}");
        (answer.Text("kind"), answer.Text("owner")).ShouldBe(("audit", "local-operator"));
        answer["arguments"].ToJsonString().ShouldBe("{}");
        (await Server.Api.Get(answer.Headers.Location.ToString())).Text("jobId").ShouldBe(answer.Text("jobId"));
        (await Ended(answer.Text("jobId"))).Text("state").ShouldBe("succeeded");
    }

    [Fact]
    public async Task every_kind_says_what_it_does_and_takes()
    {
        var kinds = (await Server.Api.Get("/api/jobs/kinds")).Body!.AsArray();

        kinds.Select(kind => $"{kind!["kind"]} {kind["takesContent"]}").ShouldBe(
        [
            "audit false", "export false", "ingest true", "job-retention false", "market-retention false",
            "rebuild false", "webhook-replay false", "webhook-retention false",
        ]);
        kinds.ShouldAllBe(kind => $"{kind!["description"]}".EndsWith('.'));
    }

    [Theory]
    [InlineData("job-retention")]
    [InlineData("market-retention")]
    [InlineData("rebuild")]
    public async Task every_kind_that_needs_nothing_can_be_done(string kind) =>
        (await Ended(await Start(kind, new { }))).Text("state").ShouldBe("succeeded");

    [Fact]
    public async Task one_key_is_one_job_and_for_another_job_refused()
    {
        var first = await Server.Api.Post("/api/jobs", new { kind = "audit" }, key: "audit once");
        var again = await Server.Api.Post("/api/jobs", new { kind = "audit" }, key: "audit once");
        var other = await Server.Api.Post("/api/jobs", new { kind = "rebuild" }, key: "audit once");

        again.Expect(HttpStatusCode.Accepted).Text("jobId").ShouldBe(first.Text("jobId"));
        other.ShouldBeProblem(422, "job-refused").Text("detail").ShouldContain("'audit once'");
        await Ended(first.Text("jobId"));
    }

    [Fact]
    public async Task jobs_are_listed_in_pages_from_the_newest_on_by_state_and_kind()
    {
        var kind = $"k{Guid.NewGuid():N}";
        // Ids of one millisecond have no order, so each has one of its own.
        var at = DateTimeOffset.UtcNow;
        var ids = new List<string>();
        foreach (var state in new[] { "failed", "cancelled", "failed", "succeeded", "failed" })
            ids.Insert(0, await Insert(kind, state, at.AddMilliseconds(ids.Count)));

        var first = await Server.Api.Get($"/api/jobs?kind={kind}&limit=2");
        var second = await Server.Api.Get($"/api/jobs?kind={kind}&limit=2&after={first.Text("next")}");
        var third = await Server.Api.Get($"/api/jobs?kind={kind}&limit=2&after={second.Text("next")}");
        var failed = await Server.Api.Get($"/api/jobs?kind={kind}&state=failed");

        Ids(first, second, third).ShouldBe(ids);
        third["next"].ShouldBeNull();
        Ids(failed).ShouldBe([ids[0], ids[2], ids[4]]);
    }

    [Theory]
    [InlineData("state=over", "state")]
    [InlineData("state=Failed", "state")]
    [InlineData("limit=0", "limit")]
    [InlineData("after=5", "after")]
    [InlineData("kind=a%00b", "kind")]
    public Task a_list_that_cannot_be_is_refused(string query, string field) =>
        Server.RefusesField(field, api => api.Get($"/api/jobs?{query}"));

    [Fact]
    public async Task who_follows_a_job_hears_of_it_until_it_has_ended()
    {
        var asked = await Start("audit", new { });

        var told = await Server.Http.GetStringAsync($"/api/jobs/{asked}/events");

        var messages = told.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        messages.ShouldAllBe(message => message.StartsWith("event: job.updated\ndata: {"));
        var last = JsonNode.Parse(messages[^1].Split("data: ")[1])!;
        ($"{last["jobId"]}", $"{last["state"]}").ShouldBe((asked, "succeeded"));
    }

    [Fact]
    public async Task who_follows_a_job_is_let_go_when_the_server_stops()
    {
        var (app, api) = await Server.StartAnother();
        await using var another = app;
        using var caller = api;
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var followed = await http.GetAsync(
            $"/api/jobs/{await Insert("audit", "queued")}/events", HttpCompletionOption.ResponseHeadersRead);
        var told = followed.Content.ReadAsStringAsync();

        await app.StopAsync();

        // It ends, and does not break off.
        (await told).ShouldStartWith("event: job.updated\n");
    }

    [Fact]
    public async Task what_failed_is_retried_and_what_cannot_be_is_refused()
    {
        var failed = await Insert("audit", "failed");

        (await Server.Api.Post($"/api/jobs/{failed}/retry")).Expect(HttpStatusCode.OK);
        (await Ended(failed)).Text("state").ShouldBe("succeeded");

        (await Server.Api.Post($"/api/jobs/{failed}/retry")).ShouldBeProblem(409, "job-state")
            .Text("detail").ShouldEndWith("has not failed and was not cancelled: it is succeeded.");
        (await Server.Api.Post($"/api/jobs/{failed}/cancel")).ShouldBeProblem(409, "job-state");
    }

    [Fact]
    public async Task what_waits_is_cancelled_what_runs_is_told_to_and_neither_is_discarded_before()
    {
        var (queued, running) = (await Insert("audit", "queued"), await Insert("audit", "running"));

        (await Server.Api.Delete($"/api/jobs/{queued}")).ShouldBeProblem(409, "job-state")
            .Text("detail").ShouldEndWith("is queued: cancel it first.");
        (await Server.Api.Delete($"/api/jobs/{running}")).ShouldBeProblem(409, "job-state");
        var cancelled = await Server.Api.Post($"/api/jobs/{queued}/cancel");
        var told = await Server.Api.Post($"/api/jobs/{running}/cancel");

        cancelled.Expect(HttpStatusCode.OK).Text("state").ShouldBe("cancelled");
        told.Expect(HttpStatusCode.OK).Text("state").ShouldBe("running");
        told["cancelRequested"].GetValue<bool>().ShouldBeTrue();
        (await Server.Api.Delete($"/api/jobs/{queued}")).Expect(HttpStatusCode.NoContent);
        (await Server.Api.Get($"/api/jobs/{queued}")).ShouldBeProblem(404, "job-not-found");
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/events")]
    [InlineData("GET", "/content")]
    [InlineData("POST", "/retry")]
    [InlineData("POST", "/cancel")]
    [InlineData("DELETE", "")]
    public async Task a_job_that_there_is_not_is_not_found(string method, string path) =>
        (await Server.Send(new HttpMethod(method), $"/api/jobs/{Guid.NewGuid()}{path}", content: null))
            .ShouldBeProblem(404, "job-not-found");

    [Fact]
    public async Task what_has_not_succeeded_has_no_content() =>
        (await Server.Api.Get($"/api/jobs/{await Insert("export", "failed")}/content"))
            .ShouldBeProblem(404, "not-found");

    [Theory]
    [InlineData("""{}""", 400, "invalid-request")]
    [InlineData("""{"kind": 3}""", 400, "invalid-request")]
    [InlineData("""{"kind": "a\u0000b"}""", 400, "invalid-request")]
    [InlineData("""{"kind": "export", "arguments": []}""", 400, "invalid-request")]
    [InlineData("""{"kind": "export", "arguments": "csv"}""", 400, "invalid-request")]
    [InlineData("""{"kind": "export", "arguments": null}""", 422, "job-refused")]
    [InlineData("""{"kind": "unheard-of"}""", 422, "job-refused")]
    [InlineData("""{"kind": "ingest", "arguments": {"interval": "day"}}""", 422, "job-refused")]
    [InlineData("""{"kind": "audit", "arguments": {"more": 1}}""", 422, "job-refused")]
    [InlineData("""{"kind": "audit", "arguments": {"\ud800": 1}}""", 422, "job-refused")]
    [InlineData("""{"kind": "rebuild", "arguments": {"portfolioId": "7"}}""", 422, "job-refused")]
    [InlineData("""{"kind": "rebuild", "arguments": {"portfolioId": 1.5}}""", 422, "job-refused")]
    [InlineData("""{"kind": "rebuild", "arguments": {"portfolioId": 1e99999}}""", 422, "job-refused")]
    [InlineData("""{"kind": "rebuild", "arguments": {"portfolioId": -1}}""", 422, "job-refused")]
    [InlineData("""{"kind": "export", "arguments": {"format": 1}}""", 422, "job-refused")]
    [InlineData("""{"kind": "export", "arguments": {"format": "csv\u0000"}}""", 422, "job-refused")]
    [InlineData("""{"kind": "export", "arguments": {"format": "\ud83d"}}""", 422, "job-refused")]
    [InlineData("""{"kind": "export", "arguments": {"format": "csv", "from": "soon"}}""", 422, "job-refused")]
    [InlineData("""{"kind": "export", "arguments": {"format": "csv", "from": "9999-99-99"}}""", 422, "job-refused")]
    public async Task what_is_asked_for_wrongly_is_refused_and_leaves_no_job(string body, int status, string slug)
    {
        var before = await Server.Database.Query<long>("SELECT count(*) FROM work.job WHERE owner = 'local-operator'");

        (await Server.Api.SendRaw(HttpMethod.Post, "/api/jobs", body)).ShouldBeProblem(status, slug);

        (await Server.Database.Query<long>("SELECT count(*) FROM work.job WHERE owner = 'local-operator'"))
            .ShouldBe(before);
    }

    [Fact]
    public async Task arguments_that_are_huge_or_deep_are_refused()
    {
        var huge = $"\"{new string('x', 2_000_000)}\"";
        var deep = new string('[', 500) + new string(']', 500);

        (await Server.Api.SendRaw(HttpMethod.Post, "/api/jobs", With(huge))).ShouldBeProblem(413, "body-too-large");
        (await Server.Api.SendRaw(HttpMethod.Post, "/api/jobs", With(deep)))
            .ShouldBeProblem(400, "invalid-request");

        static string With(string argument) =>
            $$"""{"kind": "audit", "arguments": {"a": {{argument}} } }""";
    }

    [Fact]
    public async Task an_export_of_a_portfolio_that_there_is_not_fails_and_says_so()
    {
        var done = await Ended(await Start("export", new { format = "csv", portfolioId = 2_000_000_000 }));

        (done.Text("state"), done.Text("problem")).ShouldBe(("failed", "There is no portfolio 2000000000."));
    }

    private async Task<string> Start(string kind, object arguments) =>
        (await Server.Api.Post("/api/jobs", new { kind, arguments })).Expect(HttpStatusCode.Accepted).Text("jobId");

    private async Task<ApiAnswer> Ended(string jobId)
    {
        var job = await Server.Api.Get($"/api/jobs/{jobId}");
        await Eventually.Is(
            async () => (job = await Server.Api.Get($"/api/jobs/{jobId}")).Body!["finishedAt"] is not null,
            Patience,
            () => $"It has not ended: {job}");
        return job;
    }

    // Without a message, so that nobody begins it.
    private async Task<string> Insert(string kind, string state, DateTimeOffset? at = null)
    {
        var jobId = $"{Guid.CreateVersion7(at ?? DateTimeOffset.UtcNow)}";
        await Server.Database.Query<int>(
            $$"""
            INSERT INTO work.job (job_id, kind, arguments, owner, state, attempt, finished_at)
            VALUES ('{{jobId}}', '{{kind}}', '{}', 'tester', '{{state}}', 1,
                CASE WHEN '{{state}}' IN ('queued', 'running') THEN NULL ELSE now() END)
            RETURNING 1
            """);
        return jobId;
    }

    private static IEnumerable<string> Ids(params ApiAnswer[] pages) =>
        pages.SelectMany(page => page.Items.Select(job => $"{job!["jobId"]}"));
}
