using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Bifrost.Harness;

namespace Bifrost.Api.Tests.Audit;

public sealed class ExplainTests(LedgerFixture server) : LedgerTests(server)
{
    [Fact]
    public async Task each_number_that_is_shown_is_the_sum_of_its_contributions()
    {
        var portfolio = await TradedPortfolio();
        var shown = (await Server.Api.Get($"/api/portfolios/{portfolio}")).Expect(HttpStatusCode.OK);
        var holding = (await Server.Api.Get($"/api/portfolios/{portfolio}/holdings")).Items.Single()!;

        (await Sum(portfolio, "cash")).ShouldBe(shown.Amount("cashBalance"));
        (await Sum(portfolio, "realizedPnl")).ShouldBe(shown.Amount("realizedPnl"));
        (await Sum(portfolio, "costBasis")).ShouldBe(Amount(holding, "costBasis"));
        foreach (var field in new[] { "quantity", "costBasis", "realizedPnl", "marketValue" })
            (await Sum(portfolio, $"{field}&symbol=orcl")).ShouldBe(Amount(holding, field), field);
    }

    [Fact]
    public async Task an_explanation_has_the_shape_that_is_published()
    {
        var portfolio = await TradedPortfolio();

        var answer = await Explain(portfolio, "realizedPnl&symbol=ORCL");

        (answer.Id("portfolioId"), answer.Text("field"), answer.Text("symbol"))
            .ShouldBe((portfolio, "realizedPnl", "ORCL"));
        var part = answer["contributions"].AsArray().ShouldHaveSingleItem()!;
        part["type"]!.GetValue<string>().ShouldBe("lots_matched");
        part["sequence"]!.GetValue<long>().ShouldBe(answer.Number("sequence"));
        part["occurredAt"]!.GetValue<string>().ShouldEndWith("Z");
        part["recordedAt"]!.GetValue<string>().ShouldEndWith("Z");
        var match = part["matches"]!.AsArray().ShouldHaveSingleItem()!;
        (Amount(match, "proceeds") - Amount(match, "cost")).ShouldBe(Amount(match, "realizedPnl"));
        answer["lots"].AsArray().ShouldBeEmpty();
        answer.Body!["price"].ShouldBeNull();
    }

    [Fact]
    public async Task open_lots_and_the_price_are_told_where_they_belong()
    {
        var portfolio = await TradedPortfolio();

        var quantity = await Explain(portfolio, "quantity&symbol=ORCL");
        var lot = quantity["lots"].AsArray().ShouldHaveSingleItem()!;
        Amount(lot, "quantity").ShouldBe(6m);
        lot["sequence"]!.GetValue<long>()
            .ShouldBe(quantity["contributions"].AsArray()[0]!["sequence"]!.GetValue<long>());

        var price = (await Explain(portfolio, "marketValue&symbol=ORCL"))["price"];
        (Amount(price, "price"), price["source"]!.GetValue<string>(), price["time"]).ShouldBe((12m, "fill", null));
    }

    [Fact]
    public async Task a_number_is_explained_as_it_was()
    {
        var portfolio = await TradedPortfolio();
        var first = (await Explain(portfolio, "quantity&symbol=ORCL"))["contributions"].AsArray()[0]!;

        var then = await Explain(portfolio, $"quantity&symbol=ORCL&sequence={first["sequence"]}");
        var known = await Explain(portfolio, $"quantity&symbol=ORCL&asOf={first["recordedAt"]}");

        (then.Amount("value"), known.Amount("value")).ShouldBe((10m, 10m));
        Problem(await Get(portfolio, "quantity&symbol=ORCL&sequence=0"), 404, "holding-not-found");
        Problem(await Get(portfolio, "cash&sequence=0"), 404, "portfolio-not-found");
    }

    [Theory]
    [InlineData("field=cash", "portfolioId")]
    [InlineData("portfolioId=0&field=cash", "portfolioId")]
    [InlineData("portfolioId=1", "field")]
    [InlineData("portfolioId=1&field=luck", "field")]
    [InlineData("portfolioId=1&field=quantity", "symbol")]
    [InlineData("portfolioId=1&field=marketValue", "symbol")]
    [InlineData("portfolioId=1&field=cash&symbol=ORCL", "symbol")]
    [InlineData("portfolioId=1&field=quantity&symbol=%20", "symbol")]
    [InlineData("portfolioId=1&field=cash&sequence=x", "sequence")]
    [InlineData("portfolioId=1&field=cash&sequence=-1", "sequence")]
    [InlineData("portfolioId=1&field=cash&asOf=yesterday", "asOf")]
    [InlineData("portfolioId=1&field=cash&sequence=1&asOf=2026-03-02T14:30:00Z", "asOf")]
    [InlineData("portfolioId=1&field=marketValue&symbol=ORCL&sequence=1", "sequence")]
    [InlineData("portfolioId=1&field=marketValue&symbol=ORCL&asOf=2026-03-02T14:30:00Z", "asOf")]
    [InlineData("portfolioId=1&field=cash&effective=2026-03-02T14:30:00Z", "effective")]
    public Task a_question_that_does_not_fit_names_the_field(string query, string field) =>
        Server.RefusesField(field, api => api.Get($"/api/audit/explain?{query}"));

    [Fact]
    public async Task what_is_not_there_is_not_found()
    {
        var portfolio = await TradedPortfolio();

        Problem(await Get(1_000_000, "cash"), 404, "portfolio-not-found");
        Problem(await Get(1_000_000, "quantity&symbol=ORCL"), 404, "portfolio-not-found");
        Problem(await Get(portfolio, "quantity&symbol=IBM"), 404, "holding-not-found");
        Problem(await Get(portfolio, "marketValue&symbol=IBM"), 404, "holding-not-found");
    }

    private async Task<int> TradedPortfolio()
    {
        var (portfolio, _) = await Server.OpenWithShares("ORCL", 10m, 11.37m);
        var sale = await Server.Place(portfolio, "SELL", "ORCL", 4m, 12m);
        (await Server.Api.Execute(sale, "second", 4m, 12m)).Expect(HttpStatusCode.Created);
        return portfolio;
    }

    private async Task<decimal> Sum(int portfolio, string query)
    {
        var answer = await Explain(portfolio, query);
        var sum = answer["contributions"].AsArray().Sum(part => Amount(part!, "amount"));
        answer.Amount("value").ShouldBe(sum);
        return sum;
    }

    private async Task<ApiAnswer> Explain(int portfolio, string query) =>
        (await Get(portfolio, query)).Expect(HttpStatusCode.OK);

    private Task<ApiAnswer> Get(int portfolio, string query) =>
        Server.Api.Get($"/api/audit/explain?portfolioId={portfolio}&field={query}");

    private static void Problem(ApiAnswer answer, int status, string slug) => answer.ShouldBeProblem(status, slug);

    private static decimal Amount(JsonNode node, string field) =>
        decimal.Parse(node[field]!.GetValue<string>(), CultureInfo.InvariantCulture);
}
