using Bifrost.Replay.Verifying;
using System.Net;
using System.Text.Json.Nodes;
using Bifrost.Harness;
using Bifrost.Projections;
using Microsoft.AspNetCore.Builder;
using Npgsql;

namespace Bifrost.Api.Tests;

/// <summary>A running server for a class of tests, over a database of its own.</summary>
public sealed class LedgerFixture : IAsyncLifetime
{
    // What no refusal may change: the log, the versions of all portfolios, and the keys that were used.
    private const string State =
        """
        SELECT concat_ws('/', (SELECT count(*) FROM events.mt_events),
                         (SELECT coalesce(sum(version), 0) FROM portfolio),
                         (SELECT count(*) FROM ledger.command_receipt))
        """;

    private readonly RunningServer server = new();
    private (WebApplication App, ApiClient Api)? second;

    public ApiClient Api => server.Api;

    public Uri Url => server.Url;

    public TestDatabase Database => server.Database;

    /// <summary>For requests and answers that are not the API's usual ones.</summary>
    public HttpClient Http { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await server.InitializeAsync();
        Http = new HttpClient { BaseAddress = server.Url };
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        if (second is var (app, api))
        {
            api.Dispose();
            await app.StopAsync();
            await app.DisposeAsync();
        }
        await server.DisposeAsync();
    }

    /// <summary>Another server over the same database: the same one for all tests of the class.</summary>
    public async Task<ApiClient> Second() => (second ??= await StartAnother()).Api;

    public Task<(WebApplication App, ApiClient Api)> StartAnother(Func<ServerOptions, ServerOptions>? change = null) =>
        server.StartAnother(change);

    public Task<string> ReadState() => Database.Query<string>(State);

    public Task<long> CountEvents() => Database.Query<long>("SELECT count(*) FROM events.mt_events");

    public async Task<IReadOnlyList<Difference>> Differences()
    {
        await using var database = NpgsqlDataSource.Create(Database.ConnectionString);
        return (await new Verification(database).Run(null)).Differences;
    }

    /// <summary>The request is refused with a clean problem, and nothing changed.</summary>
    public async Task<ApiAnswer> Refuses(int status, string slug, Func<ApiClient, Task<ApiAnswer>> request)
    {
        var before = await ReadState();
        var answer = await request(Api);
        answer.ShouldBeProblem(status, slug);
        (await ReadState()).ShouldBe(before);
        return answer;
    }

    /// <summary>As <see cref="Refuses"/>, and the problem names the field.</summary>
    public async Task RefusesField(string field, Func<ApiClient, Task<ApiAnswer>> request)
    {
        var answer = await Refuses(400, "invalid-request", request);
        answer["errors"].AsObject().Select(error => error.Key).ShouldContain(field);
    }

    /// <summary>Refused by a rule and on the record: the log grows by the one event of the refusal.</summary>
    public async Task<ApiAnswer> RefusesOnRecord(string slug, Func<ApiClient, Task<ApiAnswer>> request)
    {
        var before = await CountEvents();
        var answer = await request(Api);
        answer.ShouldBeProblem(422, slug);
        (await CountEvents()).ShouldBe(before + 1);
        answer.Number("sequence").ShouldBeGreaterThan(0);
        return answer;
    }

    public async Task<ApiAnswer> Send(
        HttpMethod method, string path, HttpContent? content, params (string, string)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var type = response.Content.Headers.ContentType?.MediaType;
        var body = type?.Contains("json", StringComparison.Ordinal) == true ? JsonNode.Parse(text) : null;
        return new ApiAnswer(response.StatusCode, body, response.Headers, type);
    }

    /// <summary>A portfolio that holds shares, bought by a filled order.</summary>
    public async Task<(int Portfolio, int Order)> OpenWithShares(string symbol, decimal quantity, decimal price)
    {
        var portfolio = await Api.OpenPortfolio(quantity * price);
        var order = await Place(portfolio, "BUY", symbol, quantity, price);
        (await Api.Execute(order, "first", quantity, price)).Expect(HttpStatusCode.Created);
        return (portfolio, order);
    }

    public async Task<int> Place(int portfolio, string side, string symbol, decimal quantity, decimal price)
    {
        var placed = await Api.PlaceOrder(portfolio, side, symbol, quantity, price);
        return placed.Expect(HttpStatusCode.Created).Id("orderId");
    }
}
