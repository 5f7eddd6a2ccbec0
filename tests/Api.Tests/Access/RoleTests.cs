using System.Net;
using System.Text.RegularExpressions;
using Bifrost.Api.Access;
using Bifrost.Harness;
using Microsoft.AspNetCore.Builder;

namespace Bifrost.Api.Tests.Access;

/// <summary>Which role may call which route: all of both.</summary>
public sealed partial class RoleTests(GuardedServer server) : IClassFixture<GuardedServer>
{
    private const string Everybody = "everybody";
    private const string All = "trader operator auditor service";
    private const string Orders = "trader+orders operator service+orders";
    private const string Executions = "trader+executions operator service+executions";
    private const string Cash = "trader+cash operator service+cash";
    private const string Audit = "trader operator auditor";

    private static readonly Dictionary<string, string> Open = new()
    {
        ["GET /health/live"] = Everybody,
        ["GET /health/ready"] = Everybody,
        ["GET /openapi/v1.json"] = Everybody,
        ["GET /docs/errors"] = Everybody,
        ["GET /metrics"] = "operator auditor service",
        ["POST /api/portfolios"] = Orders,
        ["GET /api/portfolios"] = All,
        ["GET /api/portfolios/{portfolioId:int}"] = All,
        ["PATCH /api/portfolios/{portfolioId:int}"] = Orders,
        ["POST /api/portfolios/{portfolioId:int}/close"] = Orders,
        ["POST /api/portfolios/{portfolioId:int}/funding"] = Cash,
        ["POST /api/portfolios/{portfolioId:int}/funding/{fundingId:int}/correct"] = "operator",
        ["POST /api/portfolios/{portfolioId:int}/funding/{fundingId:int}/reverse"] = "operator",
        ["POST /api/portfolios/{portfolioId:int}/funding/external/{externalId}/correct"] = "operator",
        ["POST /api/portfolios/{portfolioId:int}/funding/external/{externalId}/reverse"] = "operator",
        ["GET /api/portfolios/{portfolioId:int}/funding"] = All,
        ["GET /api/portfolios/{portfolioId:int}/cash-balances"] = All,
        ["POST /api/portfolios/{portfolioId:int}/orders"] = Orders,
        ["GET /api/portfolios/{portfolioId:int}/orders"] = All,
        ["GET /api/orders/{orderId:int}"] = All,
        ["PATCH /api/orders/{orderId:int}"] = Orders,
        ["DELETE /api/orders/{orderId:int}"] = Orders,
        ["POST /api/orders/{orderId:int}/expire"] = Executions,
        ["POST /api/orders/{orderId:int}/executions"] = Executions,
        ["POST /api/orders/{orderId:int}/executions/{executionId}/correct"] = Executions,
        ["POST /api/orders/{orderId:int}/executions/{executionId}/bust"] = Executions,
        ["POST /api/portfolios/{portfolioId:int}/executions"] = Executions,
        ["POST /api/portfolios/{portfolioId:int}/executions/{executionId}/correct"] = Executions,
        ["POST /api/portfolios/{portfolioId:int}/executions/{executionId}/bust"] = Executions,
        ["POST /api/portfolios/{portfolioId:int}/corporate-actions"] = Executions,
        ["POST /api/corporate-actions"] = "operator service+executions",
        ["GET /api/portfolios/{portfolioId:int}/transactions"] = All,
        ["GET /api/portfolios/{portfolioId:int}/holdings"] = All,
        ["GET /api/portfolios/{portfolioId:int}/trades"] = All,
        ["GET /api/audit/trial-balance"] = Audit,
        ["GET /api/audit/explain"] = Audit,
        ["GET /api/audit/access"] = "operator auditor",
        ["GET /api/audit/anchor"] = "operator auditor",
        ["GET /api/audit/keys"] = "operator auditor",
        ["GET /api/audit/events"] = Audit,
        ["GET /api/audit/journal"] = Audit,
        ["GET /api/audit/export"] = Audit,
        ["GET /api/audit/proofs"] = "operator auditor",
        ["GET /api/audit/proofs/{sequence:long}"] = "operator auditor",
        ["GET /api/events"] = All,
        ["GET /api/instruments"] = All,
        ["GET /api/instruments/{idOrSymbol}"] = All,
        ["POST /api/instruments"] = "operator service",
        ["PATCH /api/instruments/{instrumentId:int}"] = "operator service",
        ["PUT /api/instruments/{instrumentId:int}/aliases/{alias}"] = "operator service",
        ["DELETE /api/instruments/{instrumentId:int}/aliases/{alias}"] = "operator service",
        ["GET /api/exchanges"] = All,
        ["GET /api/exchanges/{code}/sessions"] = All,
        ["GET /api/market-data/symbols"] = All,
        ["GET /api/market-data/symbols/{symbol}"] = All,
        ["PUT /api/market-data/symbols/{symbol}"] = "operator service",
        ["GET /api/market-data/symbols/{symbol}/flags"] = All,
        ["GET /api/market-data/bars/{symbol}"] = All,
        ["POST /api/market-data/bars"] = "operator service",
        ["GET /api/market-data/latest"] = All,
        ["GET /api/market-data/statistics"] = All,
        ["GET /api/market-data/quarantine"] = All,
        ["POST /api/jobs"] = "operator",
        ["GET /api/jobs"] = "operator auditor service",
        ["GET /api/jobs/kinds"] = "operator auditor service",
        ["GET /api/jobs/{jobId:guid}"] = "operator auditor service",
        ["GET /api/jobs/{jobId:guid}/events"] = "operator auditor service",
        ["GET /api/jobs/{jobId:guid}/content"] = "operator auditor",
        ["POST /api/jobs/{jobId:guid}/retry"] = "operator",
        ["POST /api/jobs/{jobId:guid}/cancel"] = "operator",
        ["DELETE /api/jobs/{jobId:guid}"] = "operator",
        ["GET /api/schedules"] = "operator auditor service",
        ["PUT /api/schedules/{name}"] = "operator",
        ["DELETE /api/schedules/{name}"] = "operator",
        ["POST /api/webhooks"] = "operator",
        ["GET /api/webhooks"] = "operator",
        ["GET /api/webhooks/{webhookId:guid}"] = "operator",
        ["PATCH /api/webhooks/{webhookId:guid}"] = "operator",
        ["DELETE /api/webhooks/{webhookId:guid}"] = "operator",
        ["POST /api/webhooks/{webhookId:guid}/replay"] = "operator",
        ["POST /api/webhooks/{webhookId:guid}/ping"] = "operator",
        ["GET /api/webhooks/{webhookId:guid}/deliveries"] = "operator",
        ["POST /api/webhooks/{webhookId:guid}/deliveries/{deliveryId:guid}/retry"] = "operator",
        ["DELETE /api/webhooks/{webhookId:guid}/deliveries/{deliveryId:guid}"] = "operator",
    };

    // Each role as it is by itself, and those that rights are granted to with each right alone and with none.
    private static readonly string[] Callers =
    [
        .. RoleWords.All,
        .. from role in (string[])["trader", "service"]
           from right in RightWords.All.Append("none")
           select $"{role}+{right}",
    ];

    public static TheoryData<string, string> Pairs()
    {
        var pairs = new TheoryData<string, string>();
        foreach (var route in Open.Keys)
        {
            foreach (var caller in Callers)
                pairs.Add(route, caller);
        }
        return pairs;
    }

    public static TheoryData<string> Routes => [.. Open.Keys];

    [Fact]
    public void every_route_has_a_row_here_and_every_row_its_route() =>
        server.Routes.Select(route => route.Name).Order().ShouldBe(Open.Keys.Order());

    [Fact]
    public void every_route_says_whom_it_is_open_to() =>
        server.Routes.Where(route => route.Route.Metadata.OfType<AccessRule>().Count() != 1).ShouldBeEmpty();

    [Fact]
    public void only_these_routes_narrow_their_answers_to_a_trader_by_themselves() =>
        server.Routes
            .Where(route => route.Route.Metadata.GetMetadata<AccessRule>()!.Scope == Scope.OwnPortfolios)
            .Select(route => route.Name).Order()
            .ShouldBe(["GET /api/events", "GET /api/portfolios", "POST /api/portfolios"]);

    [Fact]
    public void only_these_routes_are_the_same_for_traders_whatever_they_own() =>
        server.Routes
            .Where(route => route.Route.Metadata.GetMetadata<AccessRule>()!
                is { Scope: Scope.NoPortfolio } rule && rule.Roles.HasFlag(Roles.Trader))
            .Select(route => string.Join('/', route.Name.Split('/')[..3])).Distinct().Order()
            .ShouldBe(["GET /api/exchanges", "GET /api/instruments", "GET /api/market-data"]);

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task a_caller_may_call_what_is_open_to_role_and_rights_and_nothing_else(string route, string caller)
    {
        var isOpen = IsOpen(route, caller);
        // What is refused and what is read changes nothing, so all of it may ask for the same.
        var (portfolio, order) = isOpen && !route.StartsWith("GET ", StringComparison.Ordinal)
            ? await server.OpenFor(GuardedServer.UserOfTrader)
            : server.Unchanged;

        var answer = await Call(route, server.As(caller), portfolio, order);

        var isMissing = answer.Status == HttpStatusCode.NotFound
            && answer.Slug is not (
                "execution-not-found" or "funding-not-found" or "job-not-found" or "schedule-not-found"
                or "webhook-not-found" or "delivery-not-found" or "instrument-not-found" or "alias-not-found"
                or "exchange-not-found");
        if (isOpen)
            (isMissing, (int)answer.Status is 401 or 403 or 405 or >= 500).ShouldBe((false, false), $"{answer.Status}");
        else if (Rules(route).Any(rule => RoleOf(rule) == RoleOf(caller)))
            answer.ShouldBeProblem(403, "right-not-granted")
                .Text("detail").ShouldContain(Rules(route)[^1].Split('+')[^1]);
        else
            answer.ShouldBeProblem(403, "not-allowed");
    }

    [Fact]
    public void every_route_that_needs_a_right_says_so_and_no_other_writes_of_the_ledger() =>
        server.Routes
            .Where(route => route.Route.Metadata.GetMetadata<AccessRule>()!.Needs != Rights.None)
            .Select(route => route.Name).Order()
            .ShouldBe(Open.Where(row => row.Value.Contains('+')).Select(row => row.Key).Order());

    private static string[] Rules(string route) => Open[route].Split(' ');

    private static string RoleOf(string caller) => caller.Split('+')[0];

    // What a caller has who is only told by the role: one that is told with a right has no other.
    private static bool IsOpen(string route, string caller) =>
        Open[route] == Everybody
        || Rules(route).Contains(caller)
        || Rules(route).Contains(RoleOf(caller))
        || (caller == "trader" && Rules(route).Contains("trader+orders"))
        || (caller == "service" && Rules(route).Contains("service+executions"));

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task without_credentials_only_what_is_open_to_everybody_is_answered(string route)
    {
        using var nobody = new ApiClient(server.Url);
        using var forger = new ApiClient(server.Url, ApiKeyText.Make().Text);

        var answer = await Call(route, nobody, server.Unchanged.Portfolio, server.Unchanged.Order);
        var wrong = await Call(route, forger, server.Unchanged.Portfolio, server.Unchanged.Order);

        wrong.ShouldBeProblem(401, "not-authenticated");
        wrong.Headers.WwwAuthenticate.Single().ToString().ShouldBe("Bearer realm=\"bifrost\", error=\"invalid_token\"");
        if (Open[route] == Everybody)
        {
            answer.Expect(HttpStatusCode.OK);
            return;
        }
        answer.ShouldBeProblem(401, "not-authenticated").Text("detail").ShouldContain("Authorization: Bearer");
        answer.Headers.WwwAuthenticate.Single().ToString().ShouldBe("Bearer realm=\"bifrost\"");
    }

    [Fact]
    public async Task a_route_without_a_rule_is_open_to_nobody()
    {
        await using var app = BifrostServer.Create(
            new ServerOptions(server.Database.ConnectionString, "http://127.0.0.1:0"));
        app.MapGet("/api/new", () => "new");
        await app.StartAsync();
        using var someone = new ApiClient(new Uri(app.Urls.Single()), server.KeyOf("operator"));

        (await someone.Get("/api/new")).ShouldBeProblem(403, "not-allowed");
    }

    [Fact]
    public async Task the_page_of_the_documentation_needs_no_credentials()
    {
        using var http = new HttpClient { BaseAddress = server.Url };
        (await http.GetAsync("/docs/index.html")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task what_is_no_route_is_not_found_whoever_asks()
    {
        using var nobody = new ApiClient(server.Url);
        (await nobody.Get("/api/nothing")).ShouldBeProblem(404, "not-found");
        (await nobody.Delete("/api/portfolios")).ShouldBeProblem(405, "method-not-allowed");
    }

    private Task<ApiAnswer> Call(string route, ApiClient caller, int portfolio, int order)
    {
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
        path = path.Replace("{portfolioId:int}", $"{portfolio}", StringComparison.Ordinal)
            .Replace("{orderId:int}", $"{order}", StringComparison.Ordinal)
            .Replace("{fundingId:int}", "1000000000", StringComparison.Ordinal)
            .Replace("{instrumentId:int}", "1", StringComparison.Ordinal)
            .Replace("{sequence:long}", $"{server.Anchor.Sequence}", StringComparison.Ordinal)
            .Replace("{jobId:guid}", $"{Guid.Empty}", StringComparison.Ordinal)
            .Replace("{webhookId:guid}", $"{Guid.Empty}", StringComparison.Ordinal)
            .Replace("{deliveryId:guid}", $"{Guid.Empty}", StringComparison.Ordinal);
        if (path == "/api/audit/proofs")
            path += $"?from={server.Anchor.Size}";
        else if (path.StartsWith("/api/audit/", StringComparison.Ordinal))
            path += $"?portfolioId={portfolio}&field=cash";
        return caller.Send(new HttpRequestMessage(new HttpMethod(method), Rest().Replace(path, GuardedServer.Symbol)));
    }

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Rest();
}
