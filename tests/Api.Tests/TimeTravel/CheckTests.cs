using System.Net;
using Bifrost.Harness;
using Bifrost.Replay.Rebuilding;
using Npgsql;

namespace Bifrost.Api.Tests.TimeTravel;

public sealed class CheckTests(LedgerFixture server) : LedgerTests(server)
{
    [Fact]
    public async Task a_row_that_was_changed_behind_the_ledger_is_named_until_it_is_put_right()
    {
        var damaged = await Server.Api.OpenPortfolio(500);
        var clean = await Due(ready => ready["verification"]!["verifiedThrough"]!.GetValue<long>() > 0);
        clean.Text("status").ShouldBe("ready");
        (await Server.Api.Get($"/api/portfolios/{damaged}")).Headers.GetValues("Bifrost-Verified-Through")
            .ShouldHaveSingleItem();

        await Tamper($"UPDATE portfolio SET cash_balance = 500.01 WHERE portfolio_id = {damaged}");
        var found = await Due(ready => ready["verification"]!["differences"]!.GetValue<int>() > 0);

        found.Text("status").ShouldBe("degraded");
        found["verification"]["first"]!.AsArray().Select(first => first!.ToJsonString()).ShouldContain(
            $$"""{"table":"portfolio","key":{{damaged}},"column":"cash_balance","live":"500.01","replayed":"500"}""");
        (await Server.Http.GetStringAsync("/metrics")).ShouldContain("bifrost_verification_differences");
        await using var database = NpgsqlDataSource.Create(Server.Database.ConnectionString);
        (await new Rebuild(database).Run(damaged)).Healed.ShouldBe([damaged]);
        var healed = await Due(ready => ready["verification"]!["differences"]!.GetValue<int>() == 0);
        healed.Text("status").ShouldBe("ready");
    }

    // A pass over the tables follows what is committed.
    private async Task<ApiAnswer> Due(Func<ApiAnswer, bool> isDue)
    {
        var other = await Server.Api.OpenPortfolio(1);
        ApiAnswer? ready = null;
        await Eventually.Is(
            async () =>
            {
                (await Server.Api.Post($"/api/portfolios/{other}/funding", new { type = "DEPOSIT", amount = 1 }))
                    .Expect(HttpStatusCode.Created);
                return isDue(ready = await Server.Api.Get("/health/ready"));
            },
            TimeSpan.FromSeconds(60),
            () => $"It stays {ready}");
        return ready!;
    }

    private async Task Tamper(string sql)
    {
        await using var superuser = new NpgsqlConnection(Server.Database.SuperuserConnectionString);
        await superuser.OpenAsync();
        await using var change = new NpgsqlCommand(sql, superuser);
        await change.ExecuteNonQueryAsync();
    }
}
