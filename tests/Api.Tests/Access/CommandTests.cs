using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Bifrost.Harness;

namespace Bifrost.Api.Tests.Access;

/// <summary>The operator's tool, run as the operator runs it over a ledger that never has a key.</summary>
public sealed class CommandTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Theory]
    [InlineData(2, "create --name ada --role admin")]
    [InlineData(2, "create --name ada --role trader")]
    [InlineData(2, "create --name ada --role operator --user 7")]
    [InlineData(2, "create --name jwt/ada --role operator")]
    [InlineData(2, "create --name local-operator --role operator")]
    [InlineData(2, "create --name ada --role operator --expires yesterday")]
    [InlineData(2, "create --name ada --role operator --expires 2001-01-01")]
    [InlineData(2, "create --name ada --role operator --expires 0")]
    [InlineData(2, "create --role operator")]
    [InlineData(2, "create --name ada --role service --rights everything")]
    [InlineData(2, "create --name ada --role service --rights orders,,cash")]
    [InlineData(2, "create --name ada --role service --rights cash --cash-per-day 0")]
    [InlineData(2, "create --name ada --role service --rights cash --cash-per-day 1e3")]
    [InlineData(1, "create --name ada --role service --rights cash")]
    [InlineData(1, "create --name ada --role service --cash-per-day 5")]
    [InlineData(1, "create --name ada --role operator --rights orders")]
    [InlineData(2, "rights 000000000000")]
    [InlineData(2, "rights --set orders")]
    [InlineData(2, "rights 000000000000 --undecided --set orders")]
    [InlineData(1, "rights 000000000000 --set orders")]
    [InlineData(2, "revoke")]
    [InlineData(1, "revoke 000000000000")]
    public async Task a_key_that_cannot_be_is_refused(int exit, string arguments)
    {
        var refused = await OperatorTool.Run(
            database.ConnectionString, home: null, ["keys", .. arguments.Split(' ')]);

        refused.Exit.ShouldBe(exit, refused.Error);
        refused.Error.ShouldNotBeEmpty();
        (await database.Query<long>("SELECT count(*) FROM ledger.api_key")).ShouldBe(0);
    }

    [Fact]
    public async Task to_serve_the_network_without_authentication_is_refused()
    {
        var refused = await OperatorTool.Run(
            database.ConnectionString, home: null, "serve", "--listen", "0.0.0.0", "--port", "0");

        refused.Exit.ShouldBe(1, refused.Output);
        refused.Error.ShouldContain("./bifrost keys create");
        refused.Error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task to_serve_loopback_without_authentication_is_said_loudly()
    {
        using var process = Process.Start(OperatorTool.Of(database.ConnectionString, "serve", "--port", "0"))!;
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (!line.StartsWith("Bifrost serves on ", StringComparison.Ordinal))
                    continue;
                using var api = new ApiClient(new Uri(Regex.Match(line, @"http://127\.0\.0\.1:\d+").Value));
                (await api.Get("/api/portfolios")).Expect(HttpStatusCode.OK);
                break;
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        (await error).ShouldContain("WARNING: no authentication is configured");
    }

    [Theory]
    [InlineData("BIFROST_JWT_ISSUER", "http://issuer.example")]
    [InlineData("BIFROST_JWT_ISSUER", "https://issuer.example")]
    [InlineData("BIFROST_JWT_AUDIENCE", "bifrost")]
    [InlineData("BIFROST_RATE_LIMIT", "-1")]
    [InlineData("BIFROST_RATE_LIMIT", "many")]
    [InlineData("BIFROST_JWT_RIGHTS", "some")]
    [InlineData("BIFROST_LOAD_LIMITS", "rows=many")]
    [InlineData("BIFROST_ANCHOR_COSIGNERS", "bank")]
    [InlineData("BIFROST_ANCHOR_COSIGNERS", "bank=a.pem,bank=b.pem")]
    [InlineData("BIFROST_ANCHOR_HOOKS", "/nowhere/hook")]
    [InlineData("BIFROST_ANCHOR_HOOKS_EVERY", "0")]
    public async Task settings_that_cannot_be_meant_keep_the_server_from_starting(string name, string value)
    {
        var start = OperatorTool.Of(database.ConnectionString, "serve", "--port", "0");
        start.Environment[name] = value;
        using var process = Process.Start(start)!;

        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(1, error);
        error.ShouldContain(name.Split('_')[1]);
    }
}
