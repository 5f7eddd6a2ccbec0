using System.Diagnostics;
using Bifrost.Harness;

namespace Bifrost.Api.Tests.Access;

/// <summary>The operator's tool as it makes and changes keys, run as the operator runs it.</summary>
public sealed class KeyCommandTests : IAsyncLifetime
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

    /// <summary>What a server says until it serves.</summary>
    private async Task<(string Output, string Error)> FirstLines()
    {
        using var process = Process.Start(OperatorTool.Of(database.ConnectionString, "serve", "--port", "0"))!;
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

    private Task<(int Exit, string Output, string Error)> Run(params string[] arguments) =>
        OperatorTool.Run(database.ConnectionString, home: null, arguments);
}
