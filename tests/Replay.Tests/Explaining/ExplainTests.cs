using Bifrost.Replay.Explaining;

namespace Bifrost.Replay.Tests.Explaining;

/// <summary>What is read of a real log equals what the tables show.</summary>
public sealed class ExplainTests(TradedLedger traded) : IClassFixture<TradedLedger>
{
    private Explainer Explainer => new(traded.Reads);

    [Fact]
    public async Task cash_is_the_sum_of_what_moved_it()
    {
        var explained = await Explain(new Question(traded.Busy, ExplainedField.Cash));

        explained.Value.ShouldBe(await Shown<decimal>("cash_balance", "portfolio", traded.Busy));
        explained.Contributions.Sum(part => part.Amount).ShouldBe(explained.Value);
        explained.Contributions[0].ShouldSatisfyAllConditions(
            first => first.Type.ShouldBe("cash_deposited"),
            first => first.Amount.ShouldBe(10_000m),
            first => first.FundingId.ShouldNotBeNull());
        explained.Lots.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(ExplainedField.Quantity, "quantity")]
    [InlineData(ExplainedField.CostBasis, "cost_basis")]
    [InlineData(ExplainedField.RealizedPnl, "realized_pnl")]
    [InlineData(ExplainedField.MarketValue, "market_value")]
    public async Task a_holdings_number_is_what_the_table_shows(ExplainedField field, string column)
    {
        foreach (var (portfolio, symbol) in new[]
        {
            (traded.Busy, "ORCL"), (traded.Busy, "NVDA"), (traded.Flat, "ORCL"), (traded.ShortSeller, "NVDA"),
        })
        {
            var explained = await Explain(new Question(portfolio, field, symbol));

            explained.Value.ShouldBe(await Shown<decimal>(column, "holding", portfolio, $"AND symbol = '{symbol}'"));
            explained.Contributions.Sum(part => part.Amount).ShouldBe(explained.Value);
            explained.Contributions.ShouldAllBe(part => part.Type == Contributions.Rounding || part.Symbol == symbol);
        }
    }

    [Fact]
    public async Task a_sale_lists_the_lots_that_it_closed()
    {
        var explained = await Explain(new Question(traded.Flat, ExplainedField.RealizedPnl, "ORCL"));

        var sale = explained.Contributions.ShouldHaveSingleItem();
        sale.Type.ShouldBe("lots_matched");
        var match = sale.Matches.ShouldHaveSingleItem();
        (match.Quantity, match.Proceeds - match.Cost).ShouldBe((5m, sale.Amount));
    }

    [Fact]
    public async Task an_open_lot_names_the_event_that_opened_it()
    {
        var explained = await Explain(new Question(traded.Busy, ExplainedField.Quantity, "ORCL"));

        explained.Lots.Sum(lot => lot.Quantity).ShouldBe(explained.Value);
        foreach (var lot in explained.Lots)
        {
            var transaction = await traded.Database.Query<int>(
                $"SELECT (data ->> 'transactionId')::int FROM events.mt_events WHERE seq_id = {lot.Sequence}");
            transaction.ShouldBe(lot.LotId);
        }
    }

    [Fact]
    public async Task a_number_of_the_past_has_only_the_events_until_then()
    {
        var now = await Explain(new Question(traded.Busy, ExplainedField.Quantity, "ORCL"));
        var first = now.Contributions[0];

        var then = await Explain(new Question(traded.Busy, ExplainedField.Quantity, "ORCL", first.Sequence));
        var known = await Explain(
            new Question(traded.Busy, ExplainedField.Quantity, "ORCL", AsOf: first.RecordedAt));

        (then.Value, then.Sequence).ShouldBe((60m, first.Sequence));
        then.Contributions.ShouldBe([first]);
        (known.Value, known.Sequence).ShouldBe((60m, first.Sequence));
    }

    [Fact]
    public async Task the_price_of_a_fill_has_no_time_and_that_of_a_bar_has_its_interval()
    {
        var question = new Question(traded.ShortSeller, ExplainedField.MarketValue, "NVDA");
        (await Explain(question)).Price.ShouldBe(new ExplainedPrice(99m, null, "fill"));

        var at = new DateTimeOffset(2026, 3, 2, 14, 30, 0, TimeSpan.Zero);
        await traded.Execute(
            """
            INSERT INTO market_last_price (symbol, price, volume, time, bar_interval, version)
            VALUES ('NVDA', 97.123, 1, '2026-03-02T14:30Z', 'hour', 1)
            """);
        await traded.Execute(
            $"""
            UPDATE holding SET current_price = 97.123, price_at = '2026-03-02T14:30Z'
            WHERE portfolio_id = {traded.ShortSeller}
            """);

        var explained = await Explain(question);
        explained.Price.ShouldBe(new ExplainedPrice(97.123m, at, "hour"));
        explained.Value.ShouldBe(
            await Shown<decimal>("market_value", "holding", traded.ShortSeller, "AND symbol = 'NVDA'"));
        explained.Contributions[^1].Type.ShouldBe(Contributions.Rounding);
        explained.Contributions.Sum(part => part.Amount).ShouldBe(explained.Value);
    }

    [Fact]
    public async Task what_is_not_there_is_told_apart()
    {
        (await Explainer.Explain(new Question(1_000_000, ExplainedField.Cash))).ShouldBeOfType<Explained.NoPortfolio>();
        (await Explainer.Explain(new Question(1_000_000, ExplainedField.Quantity, "ORCL")))
            .ShouldBeOfType<Explained.NoPortfolio>();
        (await Explainer.Explain(new Question(traded.Busy, ExplainedField.Quantity, "IBM")))
            .ShouldBeOfType<Explained.NoHolding>();
        (await Explainer.Explain(new Question(traded.Busy, ExplainedField.MarketValue, "IBM")))
            .ShouldBeOfType<Explained.NoHolding>();
        (await Explainer.Explain(new Question(traded.Busy, ExplainedField.Cash, Sequence: 0)))
            .ShouldBeOfType<Explained.NoPortfolio>();
    }

    private async Task<Explanation> Explain(Question question) =>
        (await Explainer.Explain(question)).ShouldBeOfType<Explained.Found>().Explanation;

    private Task<T> Shown<T>(string column, string table, int portfolio, string and = "") =>
        traded.Database.Query<T>($"SELECT {column} FROM {table} WHERE portfolio_id = {portfolio} {and}");
}
