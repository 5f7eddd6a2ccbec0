using System.Diagnostics;
using System.Net;
using Bifrost.Api.Access;
using Bifrost.Api.Tests.Events;
using Bifrost.Harness;
using Npgsql;

namespace Bifrost.Api.Tests.Access;

public sealed class KeyTests(GuardedServer server) : IClassFixture<GuardedServer>
{
    [Fact]
    public async Task a_key_is_kept_as_a_hash_and_works_at_once()
    {
        var (keyId, text) = await server.MakeKey("fresh", Roles.Operator);
        using var api = new ApiClient(server.Url, text);
        (await api.Get("/api/portfolios")).Expect(HttpStatusCode.OK);

        text.ShouldMatch("^bfk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$");
        text.ShouldStartWith($"bfk_{keyId}_");
        var secret = text.Split('_', 3)[2];
        var row = await server.Database.Query<string>(
            $"SELECT api_key::text FROM ledger.api_key WHERE key_id = '{keyId}'");
        row.ShouldNotContain(secret);
        row.ShouldNotContain(Convert.ToHexStringLower(System.Buffers.Text.Base64Url.DecodeFromChars(secret)));
        row.ShouldContain(Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(secret))));
    }

    [Fact]
    public void secrets_are_256_bits_and_no_two_are_the_same()
    {
        var made = Enumerable.Range(0, 100).Select(_ => ApiKeyText.Make().Text).ToList();

        made.Select(text => text.Split('_', 3)[2]).ShouldBeUnique();
        foreach (var text in made)
            System.Buffers.Text.Base64Url.DecodeFromChars(text.Split('_', 3)[2]).Length.ShouldBe(32);
    }

    [Fact]
    public async Task a_key_may_be_shown_in_a_header_of_its_own()
    {
        var right = await Send(("X-Api-Key", server.KeyOf("auditor")));
        var wrong = await Send(("X-Api-Key", ApiKeyText.Make().Text));

        right.Expect(HttpStatusCode.OK);
        wrong.ShouldBeProblem(401, "not-authenticated");
    }

    [Theory]
    [InlineData("Basic YWRhOmFkYQ==")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer bfk_")]
    [InlineData("Bearer bfk_000000000000_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("Bearer {key}x")]
    [InlineData("Bearer {upper}")]
    [InlineData("Bearer {other secret}")]
    [InlineData("Bearer {key},{key}")]
    [InlineData("{key}")]
    public async Task credentials_that_are_not_good_are_refused(string header)
    {
        var key = server.KeyOf("operator");
        var shown = header.Replace("{key}", key, StringComparison.Ordinal)
            .Replace("{upper}", key.ToUpperInvariant(), StringComparison.Ordinal)
            .Replace("{other secret}", key[..17] + server.KeyOf("service")[17..], StringComparison.Ordinal);

        (await Send(("Authorization", shown))).ShouldBeProblem(401, "not-authenticated");
    }

    [Fact]
    public async Task two_credentials_at_once_are_refused_even_if_both_are_good()
    {
        var (one, other) = (server.KeyOf("operator"), server.KeyOf("auditor"));

        var both = await Send(("Authorization", $"Bearer {one}"), ("X-Api-Key", other));
        var twice = await Send(("X-Api-Key", one), ("X-Api-Key", other));

        both.ShouldBeProblem(401, "not-authenticated");
        twice.ShouldBeProblem(401, "not-authenticated");
    }

    [Fact]
    public async Task a_revoked_key_is_refused_by_every_server_and_ends_its_streams()
    {
        var (keyId, text) = await server.MakeKey("leaver", Roles.Operator);
        await using var second = await server.Start();
        var servers = new[] { server.Url, new Uri(second.Urls.Single()) };
        var clients = servers.Select(url => new ApiClient(url, text)).ToList();
        foreach (var client in clients)
            (await client.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
        await using var stream = await EventListener.Open(server.Url, "prices=false", key: text);

        (await server.Keys.Revoke(keyId)).ShouldBeTrue();

        (await stream.Next()).ShouldBeNull();
        foreach (var client in clients)
        {
            await BecomesRefused(client);
            client.Dispose();
        }
        (await server.Keys.Revoke(keyId)).ShouldBeTrue();
        (await server.Keys.Revoke("000000000000")).ShouldBeFalse();
        (await server.Keys.List()).Single(key => key.KeyId == keyId).StateAt(DateTimeOffset.UtcNow).ShouldBe("revoked");
    }

    [Fact]
    public async Task keys_that_are_made_up_do_not_have_the_table_read_each_time()
    {
        using var readings = new Statements(server.Database.Name, "FROM ledger.api_key WHERE revoked_at");
        var since = Stopwatch.GetTimestamp();

        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
            {
                var forged = await Send(("X-Api-Key", ApiKeyText.Make().Text));
                forged.ShouldBeProblem(401, "not-authenticated");
            }));
        }

        // One before the first pause, and one under way when the last was answered.
        var due = 2 + (int)(Stopwatch.GetElapsedTime(since) / TimeSpan.FromMilliseconds(250));
        readings.Take().ShouldBeInRange(1, due);
    }

    [Fact]
    public async Task a_key_that_has_expired_is_refused()
    {
        var (keyId, text) = await server.MakeKey(
            "guest", Roles.Operator, expiresAt: DateTimeOffset.UtcNow.AddSeconds(-1));
        using var api = new ApiClient(server.Url, text);

        (await api.Get("/api/portfolios")).ShouldBeProblem(401, "not-authenticated");
        (await server.Keys.List()).Single(key => key.KeyId == keyId).StateAt(DateTimeOffset.UtcNow).ShouldBe("expired");
    }

    [Fact]
    public async Task a_name_is_one_callers_as_long_as_events_bear_it()
    {
        var (first, _) = await server.MakeKey("smith", Roles.Trader, 21);

        await Refused("smith", Roles.Trader, 21);
        await Refused("Smith", Roles.Trader, 21);
        await server.Keys.Revoke(first);
        await Refused("smith", Roles.Trader, 22);
        await Refused("smith", Roles.Operator, null);
        await Refused("SMITH", Roles.Trader, 21);
        // The same caller has a new key.
        await server.Keys.Create("smith", Roles.Trader, 21, null);
    }

    [Theory]
    [InlineData("ada", true)]
    [InlineData("ada.lovelace@example.com", true)]
    [InlineData("", false)]
    [InlineData("local-operator", false)]
    [InlineData("Local-Anything", false)]
    [InlineData("bifrost", false)]
    [InlineData("jwt/ada", false)]
    [InlineData("key:ada", false)]
    [InlineData("ada lovelace", false)]
    [InlineData("ada\n", false)]
    [InlineData("-ada", false)]
    [InlineData("\u0430da", false)]
    public async Task a_name_that_could_be_another_actors_is_refused_by_the_table_too(string name, bool isGood)
    {
        ApiKeyText.IsName(name).ShouldBe(isGood);
        if (isGood)
            return;
        (await Should.ThrowAsync<PostgresException>(() => server.Keys.Create(name, Roles.Operator, null, null)))
            .ConstraintName.ShouldBe("api_key_name");
    }

    [Theory]
    [InlineData("DELETE FROM ledger.api_key")]
    [InlineData("TRUNCATE ledger.api_key")]
    public async Task no_key_is_forgotten(string sql) =>
        (await Should.ThrowAsync<PostgresException>(() => server.Database.Query<object>(sql)))
            .SqlState.ShouldBe(PostgresErrorCodes.RestrictViolation);

    [Theory]
    [InlineData("INSERT INTO ledger.api_key SELECT * FROM ledger.api_key")]
    [InlineData("UPDATE ledger.api_key SET revoked_at = NULL")]
    [InlineData("UPDATE ledger.api_key SET role = 'operator'")]
    public async Task the_server_itself_cannot_make_or_change_a_key(string sql)
    {
        await using var app = NpgsqlDataSource.Create(
            $"{server.Database.ConnectionString};Options=-c role=bifrost_app");
        await using var command = app.CreateCommand(sql);

        (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync()))
            .SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    private async Task Refused(string name, Roles role, int? userId) =>
        await Should.ThrowAsync<KeyRefusedException>(() => server.Keys.Create(name, role, userId, null));

    private static async Task BecomesRefused(ApiClient client)
    {
        await Eventually.Is(
            async () => (await client.Get("/api/portfolios?limit=1")).Status != HttpStatusCode.OK,
            EventListener.Patience,
            () => "It is still let in.");
        (await client.Get("/api/portfolios")).ShouldBeProblem(401, "not-authenticated");
    }

    private async Task<ApiAnswer> Send(params (string Name, string Value)[] headers)
    {
        using var nobody = new ApiClient(server.Url);
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/portfolios");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await nobody.Send(request);
    }
}
