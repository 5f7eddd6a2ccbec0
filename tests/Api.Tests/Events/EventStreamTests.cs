using System.Net;
using System.Text.Json.Nodes;
using Bifrost.Grains;
using Bifrost.Harness;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Bifrost.Api.Tests.Events;

public sealed class EventStreamTests(RunningServer server) : IClassFixture<RunningServer>
{
    private Ledger Ledger => server.Services.GetRequiredService<Ledger>();

    [Fact]
    public async Task a_stream_is_one_of_server_sent_events_that_nobody_keeps()
    {
        await using var stream = await Open();
        stream.Response.Content.Headers.ContentType!.ToString().ShouldBe("text/event-stream");
        stream.Response.Headers.CacheControl!.NoCache.ShouldBeTrue();
        stream.Response.Headers.GetValues("X-Accel-Buffering").ShouldBe(["no"]);
    }

    [Fact]
    public async Task a_stream_begins_with_what_is_committed_once_it_is_open()
    {
        var portfolio = await server.Api.OpenPortfolio(1m);
        await using var stream = await Open();

        var deposited = await Deposit(server.Api, portfolio);

        (await stream.Sequences(1)).ShouldBe([deposited.Number("sequence")]);
    }

    [Fact]
    public async Task a_message_has_all_that_is_recorded_of_the_event()
    {
        var portfolio = await server.Api.OpenPortfolio(0m);
        await using var stream = await Open();
        var funding = $"/api/portfolios/{portfolio}/funding";
        const string Text = "two\nlines, \"quotes\", ünïcode and <b>";

        var answer = await server.Api.Post(funding, new
        {
            type = "DEPOSIT", amount = "12.50", description = Text, occurredAt = "2024-03-08T21:00:00Z",
        });

        var message = (await stream.Events(1)).Single();
        message.AsObject().Select(field => field.Key).ShouldBe(
        [
            "sequence", "id", "stream", "version", "type", "data", "occurredAt", "recordedAt", "actor", "commandId",
            "portfolioId",
        ]);
        message["sequence"]!.GetValue<long>().ShouldBe(answer.Number("sequence"));
        message["stream"]!.GetValue<string>().ShouldBe($"funding-{portfolio}");
        message["version"]!.GetValue<long>().ShouldBe(1);
        message["type"]!.GetValue<string>().ShouldBe("cash_deposited");
        message["data"]!["amount"]!.GetValue<decimal>().ShouldBe(12.50m);
        message["data"]!["description"]!.GetValue<string>().ShouldBe(Text);
        message["occurredAt"]!.GetValue<string>().ShouldBe("2024-03-08T21:00:00Z");
        message["actor"]!.GetValue<string>().ShouldBe("local-operator");
        message["portfolioId"]!.GetValue<int>().ShouldBe(portfolio);
        var stored = await server.Database.Query<string>(
            $"""
            SELECT concat_ws(' ', id, causation_id, to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS'))
            FROM events.mt_events WHERE seq_id = {answer.Number("sequence")}
            """);
        $"{message["id"]} {message["commandId"]} {message["recordedAt"]!.ToString()[..19]}".ShouldBe(stored);
    }

    [Fact]
    public async Task a_client_that_comes_back_gets_each_event_exactly_once()
    {
        var portfolio = await Ledger.OpenPortfolio();
        var start = await Latest();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
                await Ledger.Deposit(portfolio, 1m);
        });
        var (got, last) = (new List<long>(), $"{start}");
        while (got.Count < 300)
        {
            await using var stream = await Open(lastEventId: last);
            got.AddRange(await stream.Sequences(Math.Min(1 + got.Count % 40, 300 - got.Count)));
            last = stream.LastEventId;
        }
        await writing;

        got.ShouldBe(await Sequences($"seq_id > {start}"));
    }

    [Fact]
    public async Task a_stream_opened_while_events_are_committed_misses_and_repeats_none()
    {
        var portfolios = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Ledger.OpenPortfolio()));
        var start = await Latest();
        var writing = Task.WhenAll(portfolios.Select(portfolio => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
                await Ledger.Deposit(portfolio, 1m);
        })));

        var streams = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            await using var stream = await Open($"after={start}");
            return await stream.Sequences(800);
        }));
        await writing;

        var all = await Sequences($"seq_id > {start}");
        streams.ShouldAllBe(got => got.SequenceEqual(all));
    }

    [Fact]
    public async Task events_of_another_process_arrive_in_between_in_commit_order()
    {
        var (app, other) = await server.StartAnother();
        await using var _ = app;
        using var __ = other;
        var (here, there) = (await server.Api.OpenPortfolio(0m), await other.OpenPortfolio(0m));
        await using var stream = await Open();
        var expected = new List<long>();

        for (var i = 0; i < 5; i++)
        {
            expected.Add((await Deposit(other, there)).Number("sequence"));
            expected.Add((await Deposit(server.Api, here)).Number("sequence"));
        }
        expected.Add((await Deposit(other, there)).Number("sequence"));

        (await stream.Sequences(11)).ShouldBe(expected);
    }

    [Fact]
    public async Task an_outage_of_the_database_leaves_streams_open_and_loses_nothing()
    {
        var database = new NpgsqlConnectionStringBuilder(server.Database.ConnectionString);
        await using var door = new Door($"{database.Host}:{database.Port}");
        (database.Host, database.Port) = ("127.0.0.1", door.Port);
        var (app, cutOff) = await server.StartAnother(options => options with { Database = database.ConnectionString });
        await using var _ = app;
        using var __ = cutOff;
        var portfolio = await Ledger.OpenPortfolio();
        await using var stream = await EventListener.Open(new Uri(app.Urls.Single()));
        List<long> expected = [(await Ledger.Deposit(portfolio, 1m)).Sequence];
        (await stream.Sequences(1)).ShouldBe(expected);

        door.Shut();
        (await cutOff.Get("/health/ready")).ShouldBeProblem(503, "database-unavailable");
        expected = [(await Ledger.Deposit(portfolio, 1m)).Sequence, (await Ledger.Deposit(portfolio, 1m)).Sequence];
        (await cutOff.Get("/health/ready")).ShouldBeProblem(503, "database-unavailable");
        door.Open();

        (await stream.Sequences(2)).ShouldBe(expected);
    }

    [Fact]
    public async Task a_stream_of_a_portfolio_has_its_events_only_old_and_new()
    {
        var (mine, others) = (await server.Api.OpenPortfolio(1m), await server.Api.OpenPortfolio(1m));
        await Deposit(server.Api, others);
        await Deposit(server.Api, mine);
        await using var stream = await Open($"after=0&portfolioId={mine}");
        var old = await stream.Events(3);

        await Deposit(server.Api, others);
        await Deposit(server.Api, mine);
        await Deposit(server.Api, others);
        await Deposit(server.Api, mine);

        List<JsonNode> all = [.. old, .. await stream.Events(2)];
        all.Select(message => message["sequence"]!.GetValue<long>())
            .ShouldBe(await Sequences($"(data ->> 'portfolioId')::int = {mine}"));
    }

    [Fact]
    public async Task a_long_history_comes_whole_and_is_followed_by_what_is_new()
    {
        var (mine, others) = (await Ledger.OpenPortfolio(), await Ledger.OpenPortfolio());
        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => Ledger.Deposit(i % 2 == 0 ? mine : others, 1m)));
        var all = await Sequences("true");
        var ofMine = await Sequences($"(data ->> 'portfolioId')::int = {mine}");
        await using var stream = await Open("after=0");
        await using var narrow = await Open($"after=0&portfolioId={mine}");

        (await stream.Sequences(all.Length)).ShouldBe(all);
        (await narrow.Sequences(ofMine.Length)).ShouldBe(ofMine);

        var added = (await Ledger.Deposit(mine, 1m)).Sequence;
        (await stream.Sequences(1)).ShouldBe([added]);
        (await narrow.Sequences(1)).ShouldBe([added]);
    }

    [Fact]
    public async Task the_id_that_came_last_wins_over_after()
    {
        var portfolio = await server.Api.OpenPortfolio(0m);
        var first = (await Deposit(server.Api, portfolio)).Number("sequence");
        var second = (await Deposit(server.Api, portfolio)).Number("sequence");
        await using var stream = await Open("after=0", lastEventId: $"{first}");
        (await stream.Sequences(1)).ShouldBe([second]);
    }

    [Fact]
    public async Task a_quiet_stream_says_that_it_lives_and_where_it_is_without_a_message()
    {
        var (app, api) = await server.StartAnother(
            options => options with { Heartbeat = TimeSpan.FromMilliseconds(1) });
        await using var _ = app;
        using var __ = api;
        var portfolio = await api.OpenPortfolio(0m);
        using var quiet = new RawConnection(new Uri(app.Urls.Single()));
        await quiet.Send($"GET /api/events?portfolioId={portfolio} HTTP/1.1\r\nHost: localhost\r\n\r\n");

        var at = await Latest();
        await quiet.ReadUntil($":\nid: {at}\n\n").WaitAsync(EventListener.Patience);
        var elsewhere = (await Deposit(api, await api.OpenPortfolio(0m))).Number("sequence");
        var heard = await quiet.ReadUntil($":\nid: {elsewhere}\n\n").WaitAsync(EventListener.Patience);

        heard.ShouldNotContain("event:");
        heard.ShouldNotContain("data:");
    }

    [Theory]
    [InlineData("after=x", "after")]
    [InlineData("after=", "after")]
    [InlineData("after=-1", "after")]
    [InlineData("after=1.5", "after")]
    [InlineData("after=+1", "after")]
    [InlineData("after=9223372036854775808", "after")]
    [InlineData("after=1&after=2", "after")]
    [InlineData("portfolioId=0", "portfolioId")]
    [InlineData("symbols=", "symbols")]
    [InlineData("symbols=A,,B", "symbols")]
    [InlineData("symbols=$", "symbols")]
    [InlineData("prices=no", "prices")]
    public async Task a_stream_that_cannot_be_is_refused_by_the_name_of_what_is_wrong(string query, string field)
    {
        var answer = (await server.Api.Get($"/api/events?{query}")).ShouldBeProblem(400, "invalid-request");
        answer["errors"].AsObject().Select(error => error.Key).ShouldBe([field]);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("9223372036854775808")]
    public async Task a_last_id_that_is_none_is_refused(string id)
    {
        using var http = new HttpClient { BaseAddress = server.Url };
        http.DefaultRequestHeaders.Add("Last-Event-ID", id);
        var response = await http.GetAsync("/api/events");
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).ShouldContain("\"errors\":{\"Last-Event-ID\":");
    }

    [Fact]
    public async Task a_portfolio_that_is_not_there_has_no_stream() =>
        (await server.Api.Get("/api/events?portfolioId=2147483647")).ShouldBeProblem(404, "portfolio-not-found");

    [Fact]
    public async Task the_description_of_the_api_says_that_it_is_a_stream()
    {
        using var http = new HttpClient { BaseAddress = server.Url };
        var document = JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json"))!;
        var operation = document["paths"]!["/api/events"]!["get"]!;
        operation["responses"]!["200"]!["content"]!.AsObject().Select(content => content.Key)
            .ShouldBe(["text/event-stream"]);
        operation["parameters"]!.AsArray().Select(parameter => parameter!["name"]!.ToString())
            .ShouldBe(["after", "Last-Event-ID", "portfolioId", "symbols", "prices"], ignoreOrder: true);
    }

    private Task<EventListener> Open(string query = "", string? lastEventId = null) =>
        EventListener.Open(server.Url, query, lastEventId);

    private Task<long> Latest() => server.Database.Query<long>("SELECT max(seq_id) FROM events.mt_events");

    private Task<long[]> Sequences(string condition) => server.Database.Query<long[]>(
        $"SELECT array_agg(seq_id ORDER BY seq_id) FROM events.mt_events WHERE {condition}");

    private static async Task<ApiAnswer> Deposit(ApiClient api, int portfolio)
    {
        var answer = await api.Post($"/api/portfolios/{portfolio}/funding", new { type = "DEPOSIT", amount = 1 });
        return answer.Expect(HttpStatusCode.Created);
    }
}
