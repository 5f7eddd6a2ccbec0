using Bifrost.Replay.Verifying;
using System.Globalization;
using Bifrost.Harness;
using Bifrost.Projections;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Bifrost.Scenario.Tests;

[Collection(OneTrading.Name)]
public sealed class RealBarsTests(TradedBars traded)
{
    // A part of a lot's cost is kept with twelve decimals; over thousands of fills this is far below a cent.
    private const decimal Exact = 0.000001m;

    private readonly RunningServer server = traded.Server;

    [SkippableFact]
    public async Task years_of_trading_real_bars_equal_an_independent_account_book()
    {
        Skip.If(RealBars.WhyAbsent is not null, RealBars.WhyAbsent);
        var traders = traded.Traders;

        traders.Sum(trader => trader.Book.Fills).ShouldBeGreaterThan(4_000);
        foreach (var trader in traders)
        {
            await HoldingsShouldEqual(trader);
            await TablesShouldEqual(trader);
            await TrialBalanceShouldBeZero(trader);
        }
        var reads = server.Services.GetRequiredService<NpgsqlDataSource>();
        (await new Verification(reads).Run(null)).Differences.ShouldBeEmpty();
    }

    private async Task HoldingsShouldEqual(Trader trader)
    {
        var (id, book) = (trader.PortfolioId, trader.Book);
        var portfolio = await server.Api.Get($"/api/portfolios/{id}");
        portfolio.Amount("cashBalance").ShouldBe(book.Cash);
        portfolio.Amount("reservedCash").ShouldBe(0m);
        portfolio.Amount("realizedPnl").ShouldBe(book.Symbols.Sum(book.Realized), Exact);

        var holdings = (await server.Api.Get($"/api/portfolios/{id}/holdings?include=lots")).Items;
        holdings.Select(h => h!["symbol"]!.GetValue<string>()).ShouldBe(book.Symbols, ignoreOrder: true);
        foreach (var holding in holdings)
        {
            var symbol = holding!["symbol"]!.GetValue<string>();
            Number(holding["quantity"]).ShouldBe(book.Quantity(symbol));
            Number(holding["costBasis"]).ShouldBe(book.Cost(symbol), Exact);
            Number(holding["realizedPnl"]).ShouldBe(book.Realized(symbol), Exact);
            var lots = holding["lots"]!.AsArray();
            lots.Sum(lot => Number(lot!["costBasis"])).ShouldBe(Number(holding["costBasis"]));
            lots.Sum(lot => Number(lot!["quantity"])).ShouldBe(book.Quantity(symbol));
            // Under AVERAGE there is one pool; under any other method each lot has the shares that the book left it.
            if (!trader.Book.IsPooled)
            {
                lots.ToDictionary(l => l!["lotId"]!.GetValue<int>(), l => (int)Number(l!["quantity"]))
                    .ShouldBe(book.Lots(symbol), ignoreOrder: true);
            }
        }
    }

    // What an old program would ask, by plain SQL.
    private async Task TablesShouldEqual(Trader trader)
    {
        var (id, book, sql) = (trader.PortfolioId, trader.Book, server.Database);
        (await sql.Query<decimal>($"SELECT cash_balance FROM portfolio WHERE portfolio_id = {id}")).ShouldBe(book.Cash);
        (await sql.Query<decimal>($"SELECT balance FROM cash_balance WHERE portfolio_id = {id}")).ShouldBe(book.Cash);
        (await sql.Query<long>($"SELECT count(*) FROM transaction WHERE portfolio_id = {id}")).ShouldBe(book.Fills);
        (await sql.Query<long>($"SELECT count(*) FROM \"order\" WHERE portfolio_id = {id} AND status = 'FILLED'"))
            .ShouldBe(trader.Orders);
        (await sql.Query<long>($"SELECT count(*) FROM trade WHERE portfolio_id = {id} AND status = 'CLOSED'"))
            .ShouldBe(book.RoundTrips);
        (await sql.Query<decimal>($"SELECT sum(quantity) FROM holding WHERE portfolio_id = {id}"))
            .ShouldBe(book.Symbols.Sum(book.Quantity));
        (await sql.Query<decimal>($"SELECT sum(total_holdings_value) FROM portfolio_summary WHERE portfolio_id = {id}"))
            .ShouldBe(await sql.Query<decimal>($"SELECT sum(market_value) FROM holding WHERE portfolio_id = {id}"));
        // Cash is what came and went: funding, and the net amounts of all fills.
        var moved = await sql.Query<decimal>(
            $"""
            SELECT (SELECT sum(CASE WHEN funding_type IN ('WITHDRAWAL', 'FEE') THEN -amount ELSE amount END)
                    FROM funding WHERE portfolio_id = {id})
                 + (SELECT sum(CASE transaction_type WHEN 'BUY' THEN -net_amount ELSE net_amount END)
                    FROM transaction WHERE portfolio_id = {id})
            """);
        moved.ShouldBe(book.Cash);
    }

    private async Task TrialBalanceShouldBeZero(Trader trader)
    {
        var balance = await server.Api.Get($"/api/audit/trial-balance?portfolioId={trader.PortfolioId}");
        var totals = balance["totals"].AsObject();
        totals.Count.ShouldBe(4);
        totals.ShouldAllBe(total => Number(total.Value) == 0);
        var cash = balance["accounts"].AsArray().Single(a => a!["account"]!.GetValue<string>() == "assets:cash");
        Number(cash!["balance"]).ShouldBe(trader.Book.Cash);
    }

    private static decimal Number(System.Text.Json.Nodes.JsonNode? text) =>
        decimal.Parse(text!.GetValue<string>(), CultureInfo.InvariantCulture);
}
