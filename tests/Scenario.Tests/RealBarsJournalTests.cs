using System.Globalization;
using System.Text.RegularExpressions;
using Bifrost.Harness;

namespace Bifrost.Scenario.Tests;

/// <summary>Years of trading as a journal that another program checks, under each lot method.</summary>
[Collection(OneTrading.Name)]
public sealed partial class RealBarsJournalTests(TradedBars traded)
{
    public static TheoryData<string> Methods() => [.. TradedBars.Methods];

    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public async Task beancount_finds_nothing_wrong_and_its_balances_are_those_of_the_tables(string method)
    {
        Skip.If(RealBars.WhyAbsent is not null, RealBars.WhyAbsent);
        var beancount = TestBeancount.OrSkip();
        var trader = traded.Traders[Array.IndexOf(TradedBars.Methods, method)];

        var journal = await Export($"format=beancount&portfolioId={trader.PortfolioId}");

        (await beancount.Check(journal)).ShouldBe("");
        var (id, sql) = (trader.PortfolioId, traded.Server.Database);
        var balances = Balance().Matches(journal).ToDictionary(
            line => $"{line.Groups[1]} {line.Groups[3]}",
            line => decimal.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture));
        balances[$"Assets:Bifrost:P{id}:Cash USD"].ShouldBe(trader.Book.Cash);
        balances[$"Income:Bifrost:P{id}:RealizedPnl USD"]
            .ShouldBe(-await sql.Query<decimal>($"SELECT realized_pnl FROM portfolio WHERE portfolio_id = {id}"));
        foreach (var symbol in trader.Book.Symbols)
        {
            var account = $"Assets:Bifrost:P{id}:Positions:{symbol}";
            balances[$"{account} {symbol}"].ShouldBe(trader.Book.Quantity(symbol));
            var atCost = Lot().Matches(journal).Where(line => line.Groups[1].Value == account)
                .Sum(line => Number(line.Groups[2]) * Number(line.Groups[3]));
            (atCost + balances[$"{account}:Remainder USD"]).ShouldBe(await sql.Query<decimal>(
                $"SELECT cost_basis FROM holding WHERE portfolio_id = {id} AND symbol = '{symbol}'"));
        }
    }

    [SkippableFact]
    public async Task beancount_finds_nothing_wrong_with_all_portfolios_together()
    {
        Skip.If(RealBars.WhyAbsent is not null, RealBars.WhyAbsent);
        var beancount = TestBeancount.OrSkip();

        (await beancount.Check(await Export("format=beancount"))).ShouldBe("");
    }

    private async Task<string> Export(string query)
    {
        using var http = new HttpClient { BaseAddress = traded.Server.Url };
        return await http.GetStringAsync($"/api/audit/export?{query}");
    }

    private static decimal Number(Group text) => decimal.Parse(text.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d balance (\S+) (-?[\d.]+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Balance();

    [GeneratedRegex(@"^  (\S+)  (-?[\d.]+) \S+ \{([\d.]+) ", RegexOptions.Multiline)]
    private static partial Regex Lot();
}
