using System.Collections.Concurrent;
using System.Net;
using Bifrost.Api.Access;
using Bifrost.Audit.Anchors;
using Bifrost.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Bifrost.Api.Tests.Access;

/// <summary>A server whose callers have to say who they are, and a key for each of some callers.</summary>
public sealed class GuardedServer : IAsyncLifetime
{
    public const int UserOfTrader = 7;
    public const int UserOfOther = 8;

    /// <summary>One that has bars.</summary>
    public const string Symbol = "ORCL";

    private readonly ConcurrentDictionary<string, ApiClient> clients = new();
    private readonly Dictionary<string, string> keys = [];
    private readonly string root = Directory.CreateTempSubdirectory("bifrost-guarded-").FullName;
    private NpgsqlDataSource? owner;
    private WebApplication? app;

    public TestDatabase Database { get; } = new();

    public ApiKeys Keys => new(owner!);

    public Uri Url => new(app!.Urls.Single());

    public IServiceProvider Services => app!.Services;

    public ApiClient Operator => As("operator");

    /// <summary>The trader's, with an order that works, as long as no test changes them.</summary>
    public (int Portfolio, int Order) Unchanged { get; private set; }

    /// <summary>One that there is.</summary>
    public Anchor Anchor { get; private set; } = null!;

    /// <summary>Every route that the server has, by method and pattern.</summary>
    public IReadOnlyList<(string Name, RouteEndpoint Route)> Routes =>
    [
        .. from route in Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           from method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
           select ($"{method} /{route.RoutePattern.RawText!.TrimStart('/')}", route),
    ];

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        owner = NpgsqlDataSource.Create(Database.ConnectionString);
        foreach (var role in RoleWords.All)
            await MakeKey(role, RoleWords.Parse(role), role == "trader" ? UserOfTrader : null);
        await MakeKey("other", Roles.Trader, UserOfOther);
        foreach (var role in (Roles[])[Roles.Trader, Roles.Service])
        {
            foreach (var word in RightWords.All.Append("none"))
                await MakeKey($"{role.Word()}+{word}", role, role == Roles.Trader ? UserOfTrader : null, Only(word));
        }
        app = await Start();
        Unchanged = await OpenFor(UserOfTrader);
        (await Operator.SendRaw(
            HttpMethod.Post,
            "/api/market-data/bars?interval=day",
            $"symbol,time,open,high,low,close,volume\n{Symbol},2024-03-08,1,1,1,1,1\n",
            "text/csv")).Expect(HttpStatusCode.OK);
        Anchor = await FirstAnchor();
    }

    public async Task DisposeAsync()
    {
        foreach (var client in clients.Values)
            client.Dispose();
        await app!.StopAsync();
        await app.DisposeAsync();
        await owner!.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }

    /// <summary>Another server over the same database and keys.</summary>
    public async Task<WebApplication> Start(
        Func<AccessOptions, AccessOptions>? change = null, string urls = "http://127.0.0.1:0")
    {
        var access = new AccessOptions { RateLimit = null };
        var other = BifrostServer.Create(new ServerOptions(Database.ConnectionString, urls)
        {
            Access = change?.Invoke(access) ?? access,
            // One server signs anchors.
            Audit = new AuditOptions(app is null ? root : null) { Every = TimeSpan.FromMilliseconds(20) },
        });
        await other.StartAsync();
        return other;
    }

    /// <summary>
    /// The caller of that name: one of the roles as it is by itself; trader or service with one right or none, such as
    /// trader+cash; or other, who is another trader.
    /// </summary>
    public ApiClient As(string name) => clients.GetOrAdd(name, key => new ApiClient(Url, keys[key]));

    public string KeyOf(string name) => keys[name];

    public async Task<(string KeyId, string Text)> MakeKey(
        string name, Roles role, int? userId = null, Grant? grant = null, DateTimeOffset? expiresAt = null)
    {
        var made = await Keys.Create(name, role, userId, expiresAt, grant);
        keys[name] = made.Text;
        return made;
    }

    // Enough cash a day for whatever the tests move.
    private static Grant Only(string word) =>
        new(RightWords.Parse(word), word == "cash" ? 1_000_000_000m : null);

    /// <summary>A portfolio of a user, with an order that works.</summary>
    public async Task<(int Portfolio, int Order)> OpenFor(int userId)
    {
        var portfolio = await Operator.OpenPortfolio(1_000m, userId: userId);
        var order = await Operator.PlaceOrder(portfolio, "BUY", "ORCL", 1m, 10m);
        return (portfolio, order.Expect(HttpStatusCode.Created).Id("orderId"));
    }

    private async Task<Anchor> FirstAnchor()
    {
        ApiAnswer? latest = null;
        await Eventually.Is(
            async () => (latest = await Operator.Get("/api/audit/anchor")).Status == HttpStatusCode.OK,
            TimeSpan.FromSeconds(60),
            () => $"There is no anchor: {latest}");
        return Anchor.Parse(latest!.Body!.ToJsonString());
    }

    public Task<long> CountEvents() => Database.Query<long>("SELECT count(*) FROM events.mt_events");
}
