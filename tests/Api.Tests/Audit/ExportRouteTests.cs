using System.Net;
using Bifrost.Harness;
using Npgsql;

namespace Bifrost.Api.Tests.Audit;

public sealed class ExportRouteTests(LedgerFixture server) : LedgerTests(server)
{
    [Theory]
    [InlineData("csv", "text/csv", "sequence,id,stream,version,type,data,")]
    [InlineData("beancount", "text/plain", ";; The journal of a Bifrost ledger.")]
    public async Task an_export_is_a_file_to_be_kept(string format, string type, string begin)
    {
        var (portfolio, _) = await Server.OpenWithShares("ORCL", 10m, 11.37m);

        using var answer = await Server.Http.GetAsync($"/api/audit/export?format={format}&portfolioId={portfolio}");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        answer.Content.Headers.ContentType.CharSet.ShouldBe("utf-8");
        answer.Content.Headers.ContentDisposition!.ToString()
            .ShouldBe($"attachment; filename=\"bifrost-portfolio-{portfolio}.{format}\"");
        var text = await answer.Content.ReadAsStringAsync();
        text.ShouldStartWith(begin);
        text.ShouldContain("lot_opened");
    }

    [Fact]
    public async Task an_export_of_all_has_every_portfolio()
    {
        var one = await Server.Api.OpenPortfolio(1m);
        var other = await Server.Api.OpenPortfolio(2m);

        var journal = await Server.Http.GetStringAsync("/api/audit/export?format=beancount");

        journal.ShouldContain($"Assets:Bifrost:P{one}:Cash  1.00 USD");
        journal.ShouldContain($"Assets:Bifrost:P{other}:Cash  2.00 USD");
    }

    [Fact]
    public async Task an_export_that_cannot_be_made_to_its_end_breaks_off_and_one_that_cannot_begin_says_why()
    {
        // More than is sent at once, so that the answer has begun.
        var portfolio = await Server.Api.OpenPortfolio(1m);
        var description = new string('x', 200);
        for (var i = 0; i < 150; i++)
        {
            await Server.Api.Post(
                $"/api/portfolios/{portfolio}/funding", new { type = "DEPOSIT", amount = 1, description });
        }
        var small = await Server.Api.OpenPortfolio(1m);
        await Tamper("cash_teleported", portfolio, small);

        using var answer = await Server.Http.GetAsync(
            $"/api/audit/export?format=beancount&portfolioId={portfolio}", HttpCompletionOption.ResponseHeadersRead);
        var refused = await Server.Api.Get($"/api/audit/export?format=beancount&portfolioId={small}");
        var csv = await Server.Http.GetStringAsync($"/api/audit/export?format=csv&portfolioId={small}");

        await Tamper("cash_deposited", portfolio, small);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Should.ThrowAsync<HttpRequestException>(answer.Content.ReadAsStringAsync());
        refused.ShouldBeProblem(503, "portfolio-stopped");
        csv.ShouldContain("cash_teleported");
    }

    [Theory]
    [InlineData("", "format")]
    [InlineData("format=xml", "format")]
    [InlineData("format=CSV", "format")]
    [InlineData("format=csv&portfolioId=0", "portfolioId")]
    [InlineData("format=csv&from=yesterday", "from")]
    [InlineData("format=csv&from=2026-03-02&to=2026-03-01", "to")]
    public Task what_cannot_be_exported_names_the_field(string query, string field) =>
        Server.RefusesField(field, api => api.Get($"/api/audit/export?{query}"));

    [Fact]
    public async Task a_portfolio_that_is_not_there_is_not_found() =>
        (await Server.Api.Get("/api/audit/export?format=csv&portfolioId=1000000"))
            .ShouldBeProblem(404, "portfolio-not-found");

    // The last event of each, without triggers, as only a superuser can.
    private async Task Tamper(string type, params int[] portfolios)
    {
        await using var superuser = new NpgsqlConnection(Server.Database.SuperuserConnectionString);
        await superuser.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"""
            SET session_replication_role = replica;
            UPDATE events.mt_events SET type = '{type}' WHERE seq_id IN (
                SELECT max(seq_id) FROM ledger.portfolio_event WHERE portfolio_id IN ({string.Join(", ", portfolios)})
                GROUP BY portfolio_id)
            """,
            superuser);
        (await command.ExecuteNonQueryAsync()).ShouldBe(portfolios.Length);
    }
}
