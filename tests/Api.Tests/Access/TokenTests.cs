using System.Net;
using Bifrost.Api.Access;
using Bifrost.Harness;
using Microsoft.IdentityModel.Tokens;

namespace Bifrost.Api.Tests.Access;

/// <summary>Callers who sign in with an issuer of JSON web tokens.</summary>
public sealed class TokenTests(IssuedServer server) : IClassFixture<IssuedServer>
{
    private LittleIssuer Issuer => server.Issuer;

    private Uri Url => server.Url;

    [Fact]
    public async Task a_token_of_the_issuer_lets_in_and_its_subject_is_the_actor()
    {
        using var api = new ApiClient(Url, Issuer.Token());
        await api.OpenPortfolio(0m);

        (await LastActor()).ShouldBe("jwt/ada");
    }

    [Fact]
    public async Task a_trader_of_the_issuer_has_the_portfolios_of_their_user()
    {
        using var ada = new ApiClient(Url, Issuer.Token(null, ("role", "trader"), ("user_id", 7)));
        using var bob = new ApiClient(
            Url, Issuer.Token(null, ("sub", "bob"), ("role", "trader"), ("user_id", "8")));
        var portfolio = await ada.OpenPortfolio(0m, userId: 7);

        (await ada.Get($"/api/portfolios/{portfolio}")).Expect(HttpStatusCode.OK);
        (await bob.Get($"/api/portfolios/{portfolio}")).ShouldBeProblem(404, "portfolio-not-found");
    }

    [Theory]
    [InlineData("other issuer", "another issuer")]
    [InlineData("other audience", "another audience")]
    [InlineData("no audience", "another audience")]
    [InlineData("expired", "expired")]
    [InlineData("never expires", "exp")]
    [InlineData("not yet", "not valid yet")]
    [InlineData("other key", "not signed by a key of its issuer")]
    [InlineData("changed", "not signed by a key of its issuer")]
    [InlineData("none", "not signed by a key pair")]
    [InlineData("HS256", "not signed by a key pair")]
    [InlineData("no subject", "sub")]
    [InlineData("long subject", "sub")]
    [InlineData("odd subject", "sub")]
    [InlineData("no role", "one role")]
    [InlineData("unknown role", "one role")]
    [InlineData("two roles", "one role")]
    [InlineData("trader of nobody", "user_id")]
    [InlineData("trader of zero", "user_id")]
    [InlineData("no token", "neither a key")]
    public async Task a_token_that_is_not_good_is_refused_with_its_reason(string wrong, string reason)
    {
        using var api = new ApiClient(Url, Token(wrong));

        var refused = await api.Get("/api/portfolios");

        refused.ShouldBeProblem(401, "not-authenticated").Text("detail").ShouldContain(reason);
    }

    [Fact]
    public async Task roles_of_other_programs_are_passed_over()
    {
        using var api = new ApiClient(
            Url, Issuer.Token(claims => claims.Claims.Remove("role"), ("roles", new[] { "offline", "auditor" })));

        (await api.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
        (await api.Post("/api/portfolios")).ShouldBeProblem(403, "not-allowed");
    }

    [Fact]
    public async Task a_clock_that_is_a_little_behind_refuses_nobody()
    {
        using var api = new ApiClient(Url, Issuer.Token(token => token.Expires = DateTime.UtcNow.AddSeconds(-5)));

        (await api.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task a_token_that_is_good_until_the_end_of_the_calendar_lets_in()
    {
        using var api = new ApiClient(Url, Issuer.Token(token => token.Expires = DateTime.MaxValue));

        (await api.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("253402300799")]
    [InlineData("253402300800")]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775808")]
    [InlineData("1e300")]
    [InlineData("4102444800.5")]
    [InlineData("-1")]
    [InlineData("-9223372036854775808")]
    [InlineData("\"tomorrow\"")]
    [InlineData("\"253402300799\"")]
    [InlineData("[4102444800]")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task a_token_with_whatever_for_a_time_is_taken_or_refused_and_no_error_of_ours(string time)
    {
        var good = $"{DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds()}";
        var payloads = new[]
        {
            $"\"exp\":{time}", $"\"exp\":{good},\"nbf\":{time}", $"\"exp\":{good},\"iat\":{time}",
        };
        foreach (var times in payloads)
        {
            using var api = new ApiClient(Url, Issuer.Signed(
                $"{{\"iss\":\"{Issuer.Name}\",\"aud\":\"{LittleIssuer.Audience}\",\"sub\":\"ada\","
                + $"\"role\":\"operator\",{times}}}"));

            var answer = await api.Get("/api/portfolios");

            answer.Status.ShouldBeOneOf([HttpStatusCode.OK, HttpStatusCode.Unauthorized], $"{times}: {answer}");
            if (time == "253402300799" && times.StartsWith("\"exp\":2534", StringComparison.Ordinal))
                answer.Expect(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task a_token_without_rights_has_those_of_its_role_and_one_with_rights_no_others()
    {
        var portfolio = await OpenAs(("role", "trader"), ("user_id", 7));

        await Refused(portfolio, ("role", "trader"), ("user_id", 7));
        await Refused(portfolio, ("role", "service"));
        await Refused(portfolio, ("role", "service"), ("rights", "orders"));
        await Refused(portfolio, ("role", "service"), ("rights", new[] { "CASH", "all" }), ("cash_per_day", 5));
        await Refused(portfolio, ("role", "trader"), ("user_id", 7), ("rights", Array.Empty<string>()));
        await Deposits(portfolio, ("role", "operator"));
        await Deposits(portfolio, ("role", "operator"), ("rights", "orders"));
        await Deposits(portfolio, ("role", "service"), ("rights", "cash"), ("cash_per_day", 5));
        await Deposits(
            portfolio, ("role", "trader"), ("user_id", 7), ("rights", new[] { "orders", "cash" }),
            ("cash_per_day", "5.5"), ("sub", "eve"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData("unlimited")]
    [InlineData("1e9")]
    public async Task a_token_that_grants_cash_says_how_much_a_day(object? limit)
    {
        using var api = new ApiClient(Url, Issuer.Token(
            token =>
            {
                if (limit is not null)
                    token.Claims["cash_per_day"] = limit;
            },
            ("role", "service"), ("rights", "cash")));

        (await api.Get("/api/portfolios")).ShouldBeProblem(401, "not-authenticated")
            .Text("detail").ShouldContain("cash_per_day");
    }

    [Fact]
    public async Task tokens_without_rights_have_all_where_the_operator_says_so_and_those_with_rights_only_these()
    {
        await using var before = await server.Start(Issuer.Trusted with { GrantsAll = true });
        var url = new Uri(before.Urls.Single());
        using var trader = new ApiClient(url, Issuer.Token(null, ("role", "trader"), ("user_id", 7)));
        using var named = new ApiClient(url, Issuer.Token(null, ("role", "service"), ("rights", "executions")));

        var portfolio = await trader.OpenPortfolio(10m, userId: 7);

        (await named.Post($"/api/portfolios/{portfolio}/funding", new { type = "DEPOSIT", amount = 1 }))
            .ShouldBeProblem(403, "right-not-granted");
    }

    private async Task<int> OpenAs(params (string, object)[] claims)
    {
        using var api = new ApiClient(Url, Issuer.Token(null, claims));
        return await api.OpenPortfolio(0m, userId: 7);
    }

    private async Task Refused(int portfolio, params (string, object)[] claims) =>
        (await Deposit(portfolio, claims)).ShouldBeProblem(403, "right-not-granted");

    private async Task Deposits(int portfolio, params (string, object)[] claims) =>
        (await Deposit(portfolio, claims)).Expect(HttpStatusCode.Created);

    private async Task<ApiAnswer> Deposit(int portfolio, (string, object)[] claims)
    {
        using var api = new ApiClient(Url, Issuer.Token(null, claims));
        return await api.Post($"/api/portfolios/{portfolio}/funding", new { type = "DEPOSIT", amount = 5 });
    }

    [Fact]
    public async Task a_token_without_text_is_refused_where_everybody_is_let_in()
    {
        using var http = new HttpClient { BaseAddress = Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer  ");

        (await http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task keys_work_beside_tokens()
    {
        await using var owner = Npgsql.NpgsqlDataSource.Create(server.Database.ConnectionString);
        var (_, key) = await new ApiKeys(owner).Create("ada", Roles.Operator, null, null);
        using var api = new ApiClient(Url, key);
        await api.OpenPortfolio(0m);

        (await LastActor()).ShouldBe("ada");
    }

    [Fact]
    public async Task no_subject_reaches_into_the_idempotency_keys_of_another()
    {
        using var one = new ApiClient(Url, Issuer.Token(null, ("sub", "a")));
        using var other = new ApiClient(Url, Issuer.Token(null, ("sub", "a:b")));
        var request = new { userId = 1, name = "Same" };

        var first = (await one.Post("/api/portfolios", request, "b:c")).Expect(HttpStatusCode.Created);
        (await other.Post("/api/portfolios", request, "c")).ShouldBeProblem(409, "portfolio-name-taken");
        (await one.Post("/api/portfolios", request, "b:c")).ShouldReplay(first);
    }

    [Theory]
    [InlineData("http://issuer.example")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("issuer")]
    [InlineData("")]
    public void an_issuer_whose_keys_could_be_changed_on_the_way_is_refused(string name)
    {
        new TokenIssuer(name, "bifrost").Problem.ShouldNotBeNull();
        new TokenIssuer("https://issuer.example", "bifrost", name).Problem.ShouldNotBeNull();
        Should.Throw<ArgumentException>(() => BifrostServer.Create(server.Options(new TokenIssuer(name, "bifrost"))));
    }

    [Theory]
    [InlineData("https://issuer.example/realm", "bifrost", true)]
    [InlineData("http://localhost:1234", "bifrost", true)]
    [InlineData("https://issuer.example", "", false)]
    public void an_issuer_needs_an_https_url_or_loopback_and_an_audience(string name, string audience, bool isGood) =>
        (new TokenIssuer(name, audience).Problem is null).ShouldBe(isGood);

    private string Token(string wrong) => wrong switch
    {
        "other issuer" => Issuer.Token(token => token.Issuer = "https://issuer.example"),
        "other audience" => Issuer.Token(token => token.Audience = "another"),
        "no audience" => Issuer.Token(token => token.Audience = null),
        "expired" => Issuer.Token(token => token.Expires = DateTime.UtcNow.AddMinutes(-1)),
        "never expires" => Issuer.Token(token => token.Expires = null),
        "not yet" => Issuer.Token(token => token.NotBefore = DateTime.UtcNow.AddMinutes(2)),
        "other key" => Issuer.Token(token => token.SigningCredentials =
            new SigningCredentials(LittleIssuer.NewKey(), SecurityAlgorithms.RsaSha256)),
        "changed" => string.Join('.', Issuer.Token().Split('.').Zip(
            Issuer.Token(null, ("role", "trader"), ("user_id", 1)).Split('.'), (good, other) => (good, other))
            .Select((part, i) => i == 1 ? part.other : part.good)),
        "none" or "HS256" => Issuer.Forged(wrong),
        "no subject" => Issuer.Token(token => token.Claims.Remove("sub")),
        "long subject" => Issuer.Token(null, ("sub", new string('a', 256))),
        "odd subject" => Issuer.Token(null, ("sub", "a\nb")),
        "no role" => Issuer.Token(token => token.Claims.Remove("role")),
        "unknown role" => Issuer.Token(null, ("role", "admin")),
        "two roles" => Issuer.Token(null, ("role", new[] { "operator", "auditor" })),
        "trader of nobody" => Issuer.Token(null, ("role", "trader")),
        "trader of zero" => Issuer.Token(null, ("role", "trader"), ("user_id", 0)),
        _ => "nonsense",
    };

    private Task<string> LastActor() =>
        server.Database.Query<string>("SELECT user_name FROM events.mt_events ORDER BY seq_id DESC LIMIT 1");
}
