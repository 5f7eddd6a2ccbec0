using Bifrost.Domain;
using static Bifrost.Domain.OrderSide;

namespace Bifrost.Workers.Tests;

public sealed class ValuationTests(ValuedLedger valued) : IClassFixture<ValuedLedger>
{
    [Fact]
    public async Task a_price_of_the_market_values_the_holding_and_the_portfolio()
    {
        var id = await valued.Ledger.OpenPortfolio(1000);
        await valued.Fill(id, BUY, "MARK", 10, 20);
        (await valued.Holding(id, "MARK")).ShouldBe("(20,200.00,0.00,0.0000,)");

        await valued.Tick("MARK", 30, 25);
        await valued.Value();

        (await valued.Holding(id, "MARK")).ShouldBe("(25,250.00,50.00,25.0000,14:30)");
        (await valued.Worth(id)).ShouldBe(1050);
        (await valued.Differences(id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_fill_does_not_put_the_price_of_the_market_back()
    {
        var id = await valued.Ledger.OpenPortfolio(1000);
        await valued.Fill(id, BUY, "FILL", 10, 20);
        await valued.Tick("FILL", 30, 25);
        await valued.Value();

        await valued.Fill(id, BUY, "FILL", 10, 24);

        (await valued.Holding(id, "FILL")).ShouldBe("(25,500.00,60.00,13.6364,14:30)");
        (await valued.Worth(id)).ShouldBe(1000 - 200 - 240 + 500);
        (await valued.Differences(id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_holding_that_is_opened_takes_the_price_that_the_market_has()
    {
        await valued.Tick("KNOWN", 30, 25);
        var id = await valued.Ledger.OpenPortfolio(1000);

        await valued.Fill(id, BUY, "KNOWN", 10, 20);

        (await valued.Holding(id, "KNOWN")).ShouldBe("(25,250.00,50.00,25.0000,14:30)");
        (await valued.Worth(id)).ShouldBe(1050);
        (await valued.Differences(id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_flat_holding_is_left_alone_and_takes_the_latest_price_when_it_is_opened_again()
    {
        var id = await valued.Ledger.OpenPortfolio(1000);
        await valued.Fill(id, BUY, "FLAT", 10, 20);
        await valued.Tick("FLAT", 30, 25);
        await valued.Value();
        await valued.Fill(id, SELL, "FLAT", 10, 26);
        await valued.Tick("FLAT", 31, 30);
        await valued.Value();
        (await valued.Holding(id, "FLAT")).ShouldBe("(25,0.00,0.00,0.0000,14:30)");

        await valued.Fill(id, BUY, "FLAT", 1, 29);

        (await valued.Holding(id, "FLAT")).ShouldBe("(30,30.00,1.00,3.4483,14:31)");
        (await valued.Differences(id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_correction_of_the_latest_bar_values_anew()
    {
        var id = await valued.Ledger.OpenPortfolio(1000);
        await valued.Fill(id, BUY, "ANEW", 10, 20);
        await valued.Tick("ANEW", 30, 25);
        await valued.Value();

        await valued.Tick("ANEW", 30, 24);
        // Between the correction and the valuation the holding says what was known a moment ago.
        (await valued.Differences(id)).ShouldBeEmpty();
        await valued.Value();

        (await valued.Holding(id, "ANEW")).ShouldBe("(24,240.00,40.00,20.0000,14:30)");
        (await valued.Differences(id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task cash_moves_the_value_by_itself()
    {
        var id = await valued.Ledger.OpenPortfolio(1000);
        await valued.Fill(id, BUY, "CASH", 10, 20);
        await valued.Tick("CASH", 30, 25);
        await valued.Value();

        await valued.Ledger.Deposit(id, 500);
        await valued.Ledger.Withdraw(id, 100);

        (await valued.Worth(id)).ShouldBe(1450);
    }

    [Fact]
    public async Task what_is_valued_already_is_not_written_again()
    {
        var id = await valued.Ledger.OpenPortfolio(1000);
        await valued.Fill(id, BUY, "ONCE", 10, 20);
        await valued.Tick("ONCE", 30, 25);

        (await valued.Value()).Holdings.ShouldBeGreaterThan(0);
        (await valued.Value()).ShouldBe(default);
    }

    [Theory]
    [InlineData("current_price = 26", "current_price", "26", "25")]
    [InlineData("price_at = '2024-03-08 15:55Z'", "price_at", "2024-03-08T15:55:00.0000000Z", "null")]
    public async Task a_mark_that_the_market_never_had_is_found(string change, string column, string live, string due)
    {
        var id = await valued.Ledger.OpenPortfolio(1000);
        var symbol = $"FALSE{column[0]}".ToUpperInvariant();
        await valued.Fill(id, BUY, symbol, 10, 25);
        await valued.Tick(symbol, 30, 25);
        await valued.Value();

        await valued.Database.Query<int>(
            $"UPDATE holding SET {change} WHERE portfolio_id = {id} RETURNING holding_id");

        var found = (await valued.Differences(id)).ShouldHaveSingleItem();
        (found.Table, found.Column, found.Live, found.Replayed).ShouldBe(("holding", column, live, due));
    }

    [Fact]
    public async Task valuing_and_trading_at_once_leaves_no_difference()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => valued.Ledger.OpenPortfolio(1_000_000)));
        var trading = Task.WhenAll(ids.Select(async id =>
        {
            for (var i = 0; i < 30; i++)
                await valued.Fill(id, i % 3 == 2 ? SELL : BUY, $"BUSY{i % 2}", i % 3 == 2 ? 0.5m : 10, 20 + i);
        }));
        for (var tick = 0; !trading.IsCompleted || tick < 5; tick++)
        {
            await valued.Tick($"BUSY{tick % 2}", tick % 60, 20 + tick % 7);
            await valued.Value();
        }
        await trading;
        await valued.Value();

        (await valued.Differences()).ShouldBeEmpty();
        foreach (var id in ids)
        {
            (await valued.Worth(id)).ShouldBe(await valued.Database.Query<decimal>(
                "SELECT p.cash_balance + sum(h.market_value) FROM portfolio p JOIN holding h USING (portfolio_id) "
                + $"WHERE portfolio_id = {id} GROUP BY p.cash_balance"));
        }
        (await valued.Database.Query<long>(
            "SELECT count(*) FROM holding h JOIN market_last_price p USING (symbol) "
            + "WHERE h.quantity <> 0 AND (h.price_at, h.current_price) IS DISTINCT FROM (p.time, p.price)"))
            .ShouldBe(0);
    }
}
