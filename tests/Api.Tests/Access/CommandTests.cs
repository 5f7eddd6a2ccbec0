using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Bifrost.Harness;

namespace Bifrost.Api.Tests.Access;

/// <summary>The operator's tool, run as the operator runs it.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private readonly TestDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task a_key_is_printed_alone_and_once_and_opens_the_server_until_it_is_revoked()
    {
        var made = await Run("keys", "create", "--name", "ada", "--role", "trader", "--user", "7", "--expires", "30");
        made.Exit.ShouldBe(0, made.Error);
        var text = made.Output.TrimEnd('\n');
        text.ShouldMatch("^bfk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$");
        made.Error.ShouldNotContain(text);
        made.Error.ShouldContain("restart");

        var keyId = text.Split('_')[1];
        var list = await Run("keys", "list");
        list.Output.ShouldMatch($@"^{keyId}\tada\ttrader\t7\t\S+ \S+\t\S+ \S+\tvalid\n$");
        list.Output.ShouldNotContain(text);

        await using (var app = BifrostServer.Create(new ServerOptions(database.ConnectionString, "http://127.0.0.1:0")))
        {
            await app.StartAsync();
            using var api = new ApiClient(new Uri(app.Urls.Single()), text);
            await api.OpenPortfolio(0m, userId: 7);
        }
        (await Run("keys", "revoke", keyId)).Exit.ShouldBe(0);
        (await Run("keys", "list")).Output.ShouldEndWith("revoked\n");
    }

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
        var refused = await Run(["keys", .. arguments.Split(' ')]);

        refused.Exit.ShouldBe(exit, refused.Error);
        refused.Error.ShouldNotBeEmpty();
        (await database.Query<long>("SELECT count(*) FROM ledger.api_key")).ShouldBe(0);
    }

    [Fact]
    public async Task rights_are_least_where_nothing_is_said_and_shown_and_changed()
    {
        var made = await Run("keys", "create", "--name", "ada", "--role", "trader", "--user", "7");
        var id = made.Output.Split('_')[1];
        await Run("keys", "create", "--name", "fills", "--role", "service");
        await Run(
            "keys", "create", "--name", "bank", "--role", "service", "--rights", "cash", "--cash-per-day", "250.50");
        await Run("keys", "create", "--name", "root", "--role", "operator");

        (await Run("keys", "rights")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[(line.IndexOf('\t') + 1)..]).ShouldBe(
            [
                "ada\ttrader\torders\t", "fills\tservice\texecutions\t", "bank\tservice\tcash\t250.50",
                "root\toperator\torders,executions,cash\tunlimited",
            ]);
        var changed = await Run("keys", "rights", id, "--set", "cash,orders", "--cash-per-day", "5");
        changed.Output.ShouldContain($"{id}\tada\ttrader\torders,cash\t5\n");
        (await Run("keys", "rights", id, "--set", "none")).Output.ShouldContain($"{id}\tada\ttrader\tnone\t\n");
        (await Run("keys", "rights", id, "--set", "default")).Output.ShouldContain($"{id}\tada\ttrader\torders\t\n");
    }

    [Fact]
    public async Task keys_that_are_older_than_rights_keep_all_are_told_loudly_and_decided_together()
    {
        await Run("keys", "create", "--name", "ada", "--role", "trader", "--user", "7");
        await Run("keys", "create", "--name", "fills", "--role", "service");
        await Run("keys", "create", "--name", "new", "--role", "service", "--rights", "orders");
        await database.Query<object>(
            "UPDATE ledger.api_key SET rights = '{undecided}' WHERE name IN ('ada', 'fills') RETURNING 1");

        var (undecided, _) = await FirstLines();
        (await Run("keys", "rights")).Output.ShouldContain("\tada\ttrader\tall (undecided)\tunlimited\n");
        var decided = await Run("keys", "rights", "--undecided", "--set", "default");
        var (nothing, _) = await FirstLines();

        undecided.ShouldContain("2 keys of traders and services are older than rights");
        undecided.ShouldContain("ada");
        undecided.ShouldContain("./bifrost keys rights --undecided --set default");
        decided.Output.ShouldContain("\tada\ttrader\torders\t\n");
        decided.Output.ShouldContain("\tfills\tservice\texecutions\t\n");
        decided.Output.ShouldContain("\tnew\tservice\torders\t\n");
        nothing.ShouldNotContain("older than rights");
    }

    [Fact]
    public async Task a_name_in_use_is_refused_and_says_what_to_do()
    {
        (await Run("keys", "create", "--name", "ada", "--role", "operator")).Exit.ShouldBe(0);

        var refused = await Run("keys", "create", "--name", "ada", "--role", "operator");

        (refused.Exit, refused.Output).ShouldBe((1, ""));
        refused.Error.ShouldContain("./bifrost keys list");
    }

    [Fact]
    public async Task to_serve_the_network_without_authentication_is_refused()
    {
        var refused = await Run("serve", "--listen", "0.0.0.0", "--port", "0");

        refused.Exit.ShouldBe(1, refused.Output);
        refused.Error.ShouldContain("./bifrost keys create");
        refused.Error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task to_serve_loopback_without_authentication_is_said_loudly()
    {
        using var process = Start("serve", "--port", "0");
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
        using var process = Start(["serve", "--port", "0"], (name, value));

        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(1, error);
        error.ShouldContain(name.Split('_')[1]);
    }

    /// <summary>What a server says until it serves.</summary>
    private async Task<(string Output, string Error)> FirstLines()
    {
        using var process = Start("serve", "--port", "0");
        var error = process.StandardError.ReadToEndAsync();
        var said = new System.Text.StringBuilder();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            said.Append(line).Append('\n');
            if (line.StartsWith("Bifrost serves on ", StringComparison.Ordinal))
                break;
        }
        process.Kill();
        await process.WaitForExitAsync();
        return (said.ToString(), await error);
    }

    private async Task<(int Exit, string Output, string Error)> Run(params string[] arguments)
    {
        using var process = Start(arguments);
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, said[0], said[1]);
    }

    private Process Start(params string[] arguments) => Start(arguments, ("BIFROST_RATE_LIMIT", ""));

    private Process Start(string[] arguments, (string Name, string Value) setting) =>
        Process.Start(new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["BIFROST_DATABASE"] = database.ConnectionString, [setting.Name] = setting.Value },
        })!;

    private static string Program
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Bifrost.sln")))
                folder = folder.Parent ?? throw new InvalidOperationException("No folder above has Bifrost.sln.");
            return Path.Combine(folder.FullName, "src", "Cli", "bin", "Release", "net10.0", "bifrost.dll");
        }
    }
}
