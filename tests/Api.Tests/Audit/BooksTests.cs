using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Bifrost.Harness;

namespace Bifrost.Api.Tests.Audit;

public sealed class BooksTests(LedgerFixture server) : LedgerTests(server)
{
    [Fact]
    public async Task each_entry_of_the_journal_sums_to_zero_and_all_of_them_are_the_trial_balance()
    {
        var portfolio = await TradedPortfolio();

        var entries = await Journal(portfolio);

        entries.Select(entry => entry!["type"]!.GetValue<string>())
            .ShouldBe(["cash_deposited", "lot_opened", "lots_matched"]);
        var sums = new Dictionary<string, decimal>();
        foreach (var entry in entries)
        {
            entry!["totals"]!.AsObject().ShouldAllBe(total => total.Value!.GetValue<string>() == "0");
            foreach (var posting in entry["postings"]!.AsArray())
            {
                var key = $"{posting!["account"]} {posting["commodity"]}";
                sums[key] = sums.GetValueOrDefault(key) + Number(posting["amount"]!);
            }
        }
        var balance = await Server.Api.Get($"/api/audit/trial-balance?portfolioId={portfolio}");
        balance["accounts"].AsArray()
            .ToDictionary(a => $"{a!["account"]} {a["commodity"]}", a => Number(a!["balance"]!))
            .ShouldBe(sums, ignoreOrder: true);
        balance["totals"].AsObject().Select(total => total.Key).ShouldBe(["ORCL", "USD"]);
        balance["totals"].AsObject().ShouldAllBe(total => total.Value!.GetValue<string>() == "0");
    }

    [Fact]
    public async Task the_journal_is_read_in_pages_and_until_a_moment()
    {
        var portfolio = await TradedPortfolio();
        var whole = await Journal(portfolio);
        var second = whole[1]!["sequence"]!.GetValue<long>();

        var first = await Server.Api.Get($"/api/audit/journal?portfolioId={portfolio}&limit=2");
        first.Text("next").ShouldBe($"{second}");
        var rest = await Server.Api.Get($"/api/audit/journal?portfolioId={portfolio}&limit=2&after={second}");
        rest.Body!["next"].ShouldBeNull();
        Sequences(first.Items).Concat(Sequences(rest.Items)).ShouldBe(Sequences(whole));
        Sequences(await Journal(portfolio, $"&sequence={second}")).ShouldBe(Sequences(whole).Take(2));
        Sequences(await Journal(portfolio, $"&asOf={whole[0]!["recordedAt"]}")).ShouldBe(Sequences(whole).Take(1));
    }

    [Theory]
    [InlineData("", "portfolioId")]
    [InlineData("portfolioId=0", "portfolioId")]
    [InlineData("portfolioId=1&limit=0", "limit")]
    [InlineData("portfolioId=1&after=x", "after")]
    [InlineData("portfolioId=1&sequence=x", "sequence")]
    [InlineData("portfolioId=1&effective=2026-03-02T14:30:00Z", "effective")]
    public Task a_question_that_cannot_be_read_names_the_field(string query, string field) =>
        Server.RefusesField(field, api => api.Get($"/api/audit/journal?{query}"));

    [Fact]
    public async Task books_of_a_portfolio_that_is_not_there_are_not_found()
    {
        var portfolio = await Server.Api.OpenPortfolio(1m);

        foreach (var route in new[] { "journal", "trial-balance" })
        {
            (await Server.Api.Get($"/api/audit/{route}?portfolioId=1000000"))
                .ShouldBeProblem(404, "portfolio-not-found");
            (await Server.Api.Get($"/api/audit/{route}?portfolioId={portfolio}&sequence=0"))
                .ShouldBeProblem(404, "portfolio-not-found");
        }
    }

    private async Task<int> TradedPortfolio()
    {
        var (portfolio, _) = await Server.OpenWithShares("ORCL", 10m, 11.37m);
        var sale = await Server.Place(portfolio, "SELL", "ORCL", 4m, 12m);
        (await Server.Api.Execute(sale, "second", 4m, 12m)).Expect(HttpStatusCode.Created);
        return portfolio;
    }

    private async Task<JsonArray> Journal(int portfolio, string and = "") =>
        (await Server.Api.Get($"/api/audit/journal?portfolioId={portfolio}{and}")).Expect(HttpStatusCode.OK).Items;

    private static List<long> Sequences(JsonArray entries) =>
        [.. entries.Select(entry => entry!["sequence"]!.GetValue<long>())];

    private static decimal Number(JsonNode text) =>
        decimal.Parse(text.GetValue<string>(), CultureInfo.InvariantCulture);
}
