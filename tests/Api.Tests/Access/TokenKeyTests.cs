using System.Net;
using Bifrost.Harness;
using Microsoft.IdentityModel.Tokens;

namespace Bifrost.Api.Tests.Access;

/// <summary>Servers as their issuer changes its keys or is away; each test has an issuer of its own.</summary>
public sealed class TokenKeyTests : IAsyncLifetime
{
    private readonly IssuedServer server = new();

    private LittleIssuer Issuer => server.Issuer;

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task the_first_token_that_is_signed_with_a_new_key_lets_in_and_the_old_key_no_more()
    {
        var old = Issuer.Token();
        using var before = new ApiClient(server.Url, old);
        (await before.Get("/api/portfolios")).Expect(HttpStatusCode.OK);

        Issuer.Rotate();

        using var after = new ApiClient(server.Url, Issuer.Token());
        (await after.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
        (await before.Get("/api/portfolios")).ShouldBeProblem(401, "not-authenticated");
    }

    [Fact]
    public async Task keys_that_are_made_up_do_not_have_the_issuer_asked_each_time()
    {
        using var known = new ApiClient(server.Url, Issuer.Token());
        (await known.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
        using var made = new ApiClient(server.Url, Issuer.Token(token => token.SigningCredentials =
            new SigningCredentials(LittleIssuer.NewKey(), SecurityAlgorithms.RsaSha256)));

        for (var i = 0; i < 20; i++)
            (await made.Get("/api/portfolios")).ShouldBeProblem(401, "not-authenticated");

        Issuer.Readings.ShouldBe(2);
        (await known.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task an_issuer_that_is_away_is_told_and_its_known_keys_are_still_good()
    {
        using var api = new ApiClient(server.Url, Issuer.Token());
        Issuer.IsAway = true;
        await using var other = await server.Start(Issuer.Trusted with { KeySet = $"{Issuer.Name}/keys" });
        using var asked = new ApiClient(new Uri(other.Urls.Single()), Issuer.Token());

        var refused = await asked.Get("/api/portfolios");

        refused.ShouldBeProblem(503, "issuer-unavailable");
        refused.Headers.RetryAfter.ShouldNotBeNull();
        Issuer.IsAway = false;
        (await api.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
        Issuer.IsAway = true;
        (await api.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
    }
}
