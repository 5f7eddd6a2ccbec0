using System.Net;
using Bifrost.Harness;
using Npgsql;

namespace Bifrost.Api.Tests;

/// <summary>A portfolio whose history cannot be read on, as callers of a server that just started meet it.</summary>
public sealed class StoppedTests(LedgerFixture server) : LedgerTests(server)
{
    [Theory]
    [InlineData("type = 'cash_teleported'", "type = 'cash_deposited'")]
    [InlineData("data = data - 'fundingId'", "data = data || jsonb_build_object('fundingId', $F::int)")]
    [InlineData("version = 7", "version = 1")]
    [InlineData("data = data || '{\"portfolioId\": 1000000}'", "data = data || '{\"portfolioId\": $P}'")]
    public async Task a_stopped_portfolio_refuses_commands_while_all_else_goes_on(string tamper, string undo)
    {
        var (sick, well) = (await Server.Api.OpenPortfolio(10m), await Server.Api.OpenPortfolio(10m));
        var funding = (await Server.Api.Get($"/api/portfolios/{sick}/funding")).Items[0]!["fundingId"]!.ToString();
        await Tamper(tamper, sick, funding);
        var (app, api) = await Server.StartAnother();
        await using var _ = app;
        using var __ = api;

        var refused = await Deposit(api, sick);
        refused.ShouldBeProblem(503, "portfolio-stopped");
        refused.Headers.RetryAfter.ShouldNotBeNull();
        (await Deposit(api, well)).Expect(HttpStatusCode.Created);
        var ready = (await api.Get("/health/ready")).Expect(HttpStatusCode.OK);
        ready.Text("status").ShouldBe("degraded");
        ready["stoppedPortfolios"].AsObject().ShouldHaveSingleItem().Key.ShouldBe($"{sick}");
        foreach (var table in new[] { "", "/funding", "/holdings", "/orders", "/trades", "/transactions" })
            (await api.Get($"/api/portfolios/{sick}{table}")).Expect(HttpStatusCode.OK);
        (await api.Get($"/api/audit/explain?portfolioId={sick}&field=cash"))
            .ShouldBeProblem(503, "portfolio-stopped");

        await Tamper(undo, sick, funding);
        (await Deposit(api, sick)).Expect(HttpStatusCode.Created);
        // The status follows when the check of the tables has come by again.
        (await api.Get("/health/ready"))["stoppedPortfolios"].AsObject().ShouldBeEmpty();
    }

    private static Task<ApiAnswer> Deposit(ApiClient api, int portfolio) =>
        api.Post($"/api/portfolios/{portfolio}/funding", new { type = "DEPOSIT", amount = 1m });

    // Without triggers, as only a superuser can.
    private async Task Tamper(string change, int portfolio, string funding)
    {
        await using var superuser = new NpgsqlConnection(Server.Database.SuperuserConnectionString);
        await superuser.OpenAsync();
        var set = change.Replace("$P", $"{portfolio}", StringComparison.Ordinal)
            .Replace("$F", funding, StringComparison.Ordinal);
        await using var command = new NpgsqlCommand(
            "SET session_replication_role = replica; "
            + $"UPDATE events.mt_events SET {set} WHERE stream_id = 'funding-{portfolio}'",
            superuser);
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }
}
