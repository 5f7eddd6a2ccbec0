using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bifrost.Api.Http;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

public sealed partial class OperationsTests(LedgerFixture server) : LedgerTests(server)
{
    // What these say is all in their path.
    private static readonly string[] Bodiless = ["RetryJob", "CancelJob", "PingWebhook", "RetryDelivery"];

    // CONTRACT's routes, as far as they are built.
    private static readonly string[] Routes =
    [
        "POST /api/portfolios", "GET /api/portfolios", "GET /api/portfolios/{}", "PATCH /api/portfolios/{}",
        "POST /api/portfolios/{}/close", "POST /api/portfolios/{}/funding", "POST /api/portfolios/{}/orders",
        "GET /api/orders/{}", "PATCH /api/orders/{}", "DELETE /api/orders/{}", "POST /api/orders/{}/executions",
        "POST /api/orders/{}/executions/{}/correct", "POST /api/orders/{}/executions/{}/bust",
        "POST /api/portfolios/{}/executions", "GET /api/portfolios/{}/holdings", "GET /api/portfolios/{}/orders",
        "GET /api/portfolios/{}/trades", "GET /api/portfolios/{}/transactions", "GET /api/portfolios/{}/funding",
        "GET /api/portfolios/{}/cash-balances", "GET /api/audit/trial-balance", "GET /api/audit/explain",
        "GET /api/audit/access", "GET /api/audit/anchor", "GET /api/audit/proofs", "GET /api/audit/proofs/{}",
        "GET /api/audit/events", "GET /api/audit/journal", "GET /api/audit/export", "GET /api/events",
        "GET /health/live", "GET /health/ready", "GET /metrics",
    ];

    private static string[] Slugs =>
    [
        .. Problems.OfRejections.Values
            .Concat(typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static)
                .Where(f => f.FieldType == typeof(ProblemKind)).Select(f => (ProblemKind)f.GetValue(null)!))
            .Select(kind => kind.Slug).Distinct().Order(),
    ];

    [Fact]
    public async Task health_says_that_the_server_lives_and_is_ready()
    {
        (await Server.Api.Get("/health/live")).Expect(HttpStatusCode.OK).Text("status").ShouldBe("live");
        var ready = (await Server.Api.Get("/health/ready")).Expect(HttpStatusCode.OK);
        ready.Text("status").ShouldBe("ready");
        ready.Text("database").ShouldStartWith("PostgreSQL");
        ready.Body!["redis"].ShouldBeNull();
    }

    [Fact]
    public async Task a_redis_that_is_away_is_told_and_leaves_the_server_ready()
    {
        // Nothing listens on port 1 of a machine that is used for tests.
        (await Readiness(redis: "127.0.0.1:1")).ShouldBe(("ready", "unreachable"));
    }

    [SkippableFact]
    public async Task a_redis_that_answers_is_told()
    {
        await using var redis = TestRedis.OrSkip();
        (await Readiness(redis.Server)).ShouldBe(("ready", "connected"));
    }

    [Fact]
    public async Task metrics_are_prometheus_text_even_with_two_servers_in_the_process()
    {
        var (app, api) = await Server.StartAnother();
        await using var _ = app;
        using var __ = api;
        await Server.Api.OpenPortfolio(1m);
        await api.Get("/api/portfolios");
        var answer = await Server.Http.GetAsync("/metrics");
        answer.Content.Headers.ContentType!.ToString().ShouldStartWith("text/plain; version=0.0.4");
        var text = await answer.Content.ReadAsStringAsync();
        text.ShouldContain("bifrost_ledger_commands_total{} ");
        text.ShouldEndWith("\n");
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Where(line => !Sample().IsMatch(line) && !Comment().IsMatch(line)).ShouldBeEmpty();
        var types = lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[2]).ToList();
        types.ShouldBeUnique();
        var series = lines.Where(line => line[0] != '#').Select(line => line[..line.LastIndexOf(' ')]);
        series.Where(name => !types.Any(type => name.StartsWith(type, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_meter_whose_server_has_ended_and_the_one_after_it_are_told_as_one()
    {
        await Use();
        await Use();

        var types = (await Server.Http.GetStringAsync("/metrics")).Split('\n')
            .Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).ToList();
        types.ShouldBeUnique();
        types.ShouldContain("# TYPE http_server_request_duration_seconds histogram");

        async Task Use()
        {
            var (app, api) = await Server.StartAnother();
            await using var _ = app;
            using var __ = api;
            await api.Get("/api/portfolios");
        }
    }

    [Fact]
    public async Task the_count_of_commands_grows_with_each_command()
    {
        var before = await Commands();
        await Server.Api.OpenPortfolio(1m);
        (await Commands()).ShouldBeGreaterThanOrEqualTo(before + 2);
    }

    [Fact]
    public async Task the_description_of_the_api_has_every_route()
    {
        var paths = (await OpenApi())["paths"]!.AsObject();
        var described = paths.SelectMany(path => path.Value!.AsObject().Select(
            operation => $"{operation.Key.ToUpperInvariant()} {Parameter().Replace(path.Key, "{}")}")).ToList();
        Routes.Where(route => !described.Contains(route)).ShouldBeEmpty();
    }

    [Fact]
    public async Task every_route_refuses_a_query_parameter_that_it_does_not_have_and_names_those_that_it_has()
    {
        var paths = (await OpenApi())["paths"]!.AsObject()
            .Where(path => path.Key.StartsWith("/api/", StringComparison.Ordinal)).ToList();
        foreach (var (path, operations) in paths)
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                var parameters = (operation!["parameters"]?.AsArray() ?? []).ToList();
                var place = Parameter().Replace(path, name => parameters.Any(parameter =>
                    $"{{{parameter!["name"]}}}" == name.Value && $"{parameter["schema"]?["format"]}" == "uuid")
                    ? $"{Guid.Empty}"
                    : "1");

                var answer = await Server.Send(new HttpMethod(method), $"{place}?nobodyKnows=1", null);

                var names = parameters.Where(parameter => $"{parameter!["in"]}" == "query")
                    .Select(parameter => $"{parameter!["name"]}").ToList();
                answer.ShouldBeProblem(400, "invalid-request");
                answer["errors"]["nobodyKnows"]!.GetValue<string>().ShouldBe(
                    names.Count == 0
                        ? "is no parameter of this route, which has none."
                        : $"is no parameter of this route; there are {string.Join(", ", names)}.",
                    $"{method} {path}");
            }
        }
    }

    [Fact]
    public async Task each_route_that_takes_a_body_has_an_example_of_it()
    {
        var paths = (await OpenApi())["paths"]!.AsObject();
        var without =
            from path in paths
            from operation in path.Value!.AsObject()
            where operation.Key is "post" or "patch" or "put"
            where !Bodiless.Contains($"{operation.Value!["operationId"]}")
            let content = operation.Value!["requestBody"]?["content"]?["application/json"]
            where content?["example"] is null && content?["examples"] is null
            select $"{operation.Key} {path.Key}";
        without.ShouldBeEmpty();
    }

    [Fact]
    public async Task each_operation_has_a_name_and_a_summary_of_its_own()
    {
        var operations = (await OpenApi())["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).ToList();
        operations.Select(operation => operation.Value!["operationId"]!.GetValue<string>()).ShouldBeUnique();
        operations.ShouldAllBe(operation => operation.Value!["summary"] != null);
    }

    [Fact]
    public async Task the_documentation_is_a_page_for_people()
    {
        var page = await Server.Http.GetAsync("/docs");
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        (await page.Content.ReadAsStringAsync()).ShouldContain("swagger-ui");
    }

    [Fact]
    public async Task the_page_of_errors_has_a_heading_for_each_slug()
    {
        var page = await Server.Http.GetStringAsync("/docs/errors");
        var headings = page.Split('\n').Where(line => line.StartsWith('#')).Select(line => line.Trim('#', ' ', '`'));
        Slugs.Except(headings).ShouldBeEmpty();
    }

    private async Task<(string Status, string Redis)> Readiness(string redis)
    {
        var (app, api) = await Server.StartAnother(options => options with { Redis = redis });
        await using var _ = app;
        using var __ = api;
        var ready = (await api.Get("/health/ready")).Expect(HttpStatusCode.OK);
        return (ready.Text("status"), ready.Text("redis"));
    }

    private async Task<JsonNode> OpenApi() => JsonNode.Parse(await Server.Http.GetStringAsync("/openapi/v1.json"))!;

    private async Task<double> Commands()
    {
        var text = await Server.Http.GetStringAsync("/metrics");
        var line = text.Split('\n').FirstOrDefault(
            line => line.StartsWith("bifrost_ledger_commands_total{} ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(
        """^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_]\w*="([^"\\]|\\[\\"n])*"(,[a-zA-Z_]\w*="([^"\\]|\\[\\"n])*")*)?\})? """
        + """([+-]?[0-9.]+([eE][+-]?\d+)?|NaN|[+-]Inf)$""")]
    private static partial Regex Sample();

    [GeneratedRegex(
        "^# (HELP [a-zA-Z_:][a-zA-Z0-9_:]* .+|"
        + "TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (counter|gauge|histogram|summary|untyped))$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
