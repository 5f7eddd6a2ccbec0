using System.Net;
using Bifrost.Api.Access;
using Bifrost.Harness;
using Microsoft.AspNetCore.Builder;
using Npgsql;

namespace Bifrost.Api.Tests.Access;

/// <summary>What a server does that was told of no callers.</summary>
public sealed class StartTests(LedgerFixture server) : LedgerTests(server)
{
    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://*:0")]
    [InlineData("http://192.0.2.1:0")]
    [InlineData("http://ledger.example:0")]
    [InlineData("http://127.0.0.1:0;http://0.0.0.0:0")]
    public async Task without_authentication_a_server_listens_on_loopback_only(string urls)
    {
        await using var app = BifrostServer.Create(new ServerOptions(Server.Database.ConnectionString, urls));

        var refusal = await Should.ThrowAsync<UnprotectedException>(() => app.StartAsync());

        refusal.Message.ShouldContain("./bifrost keys create");
        refusal.Message.ShouldContain("BIFROST_JWT_ISSUER");
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://localhost:8000")]
    [InlineData("http://[::1]:0")]
    [InlineData("http://127.0.0.2:0; http://[::1]:1")]
    public void addresses_of_this_machine_are_known_as_such(string urls) => Loopback.IsAll(urls).ShouldBeTrue();

    [Fact]
    public async Task a_server_on_all_addresses_starts_once_there_is_a_key_and_wants_it()
    {
        await using var guarded = new OtherDatabase();
        var key = await guarded.MakeKey(null);
        await using var app = await guarded.Start("http://0.0.0.0:0");
        var url = new Uri($"http://127.0.0.1:{new Uri(app.Urls.Single()).Port}");
        using var nobody = new ApiClient(url);
        using var somebody = new ApiClient(url, key);

        BifrostServer.IsOpen(app).ShouldBeFalse();
        (await nobody.Get("/api/portfolios")).ShouldBeProblem(401, "not-authenticated");
        (await somebody.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
        var foreign = new HttpRequestMessage(HttpMethod.Get, "/api/portfolios");
        foreign.Headers.Host = "ledger.example";
        (await somebody.Send(foreign)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task a_key_that_has_expired_is_no_authentication()
    {
        await using var guarded = new OtherDatabase();
        await guarded.MakeKey(DateTimeOffset.UtcNow.AddSeconds(-1));

        await Should.ThrowAsync<UnprotectedException>(() => guarded.Start("http://0.0.0.0:0"));
        await using var app = await guarded.Start("http://127.0.0.1:0");
        BifrostServer.IsOpen(app).ShouldBeTrue();
    }

    [Fact]
    public async Task wrong_credentials_are_refused_even_where_none_are_needed()
    {
        using var forger = new ApiClient(Server.Url, ApiKeyText.Make().Text);

        (await forger.Get("/api/portfolios")).ShouldBeProblem(401, "not-authenticated");
        (await forger.Get("/health/live")).ShouldBeProblem(401, "not-authenticated");
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example:8000")]
    [InlineData("192.0.2.1")]
    [InlineData("0.0.0.0")]
    public async Task a_name_that_was_pointed_here_is_not_served(string host)
    {
        foreach (var path in new[] { "/api/portfolios", "/docs/index.html", "/health/live", "/nothing" })
        {
            var answer = await Server.Send(HttpMethod.Get, path, null, ("Host", host));
            answer.ShouldBeProblem(421, "host-not-served");
        }
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:8000")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]:8000")]
    public async Task the_names_of_this_machine_are_served(string host) =>
        (await Server.Send(HttpMethod.Get, "/api/portfolios", null, ("Host", host))).Expect(HttpStatusCode.OK);

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("http://localhost:3000", true)]
    public async Task a_page_of_another_site_cannot_write(string origin, bool isServed)
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        var path = $"/api/portfolios/{portfolio}/close";

        var answer = await Server.Send(HttpMethod.Post, path, null, ("Origin", origin));

        if (isServed)
            answer.Expect(HttpStatusCode.OK);
        else
            answer.ShouldBeProblem(403, "not-allowed");
    }

    private sealed class OtherDatabase : IAsyncDisposable
    {
        private readonly TestDatabase database = new();

        public async Task<string> MakeKey(DateTimeOffset? expiresAt)
        {
            await database.InitializeAsync();
            await using var owner = NpgsqlDataSource.Create(database.ConnectionString);
            return (await new ApiKeys(owner).Create("ada", Roles.Operator, null, expiresAt)).Text;
        }

        public async Task<WebApplication> Start(string urls)
        {
            var app = BifrostServer.Create(new ServerOptions(database.ConnectionString, urls));
            try
            {
                await app.StartAsync();
                return app;
            }
            catch
            {
                await app.DisposeAsync();
                throw;
            }
        }

        public async ValueTask DisposeAsync() => await database.DisposeAsync();
    }
}
