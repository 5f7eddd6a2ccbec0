namespace Bifrost.Projections.Tests;

public sealed class SummaryTests(TradedLedger traded) : IClassFixture<TradedLedger>
{
    [Fact]
    public async Task a_summary_is_the_portfolio_and_the_sum_of_its_holdings()
    {
        foreach (var portfolio in (int[])[traded.Busy, traded.ShortSeller])
        {
            var holdings = await Holdings(portfolio);
            var value = holdings.Sum(holding => holding.Value);
            value.ShouldNotBe(0m);

            var summary = await Summary(portfolio);
            (summary.Value, summary.Pnl).ShouldBe((value, holdings.Sum(holding => holding.Pnl)));
            summary.Percent.ShouldBe(holdings.Sum(holding => holding.Percent * holding.Value) / value, 0.0000000001m);
        }
        (await traded.Database.Query<long>(
            """
            SELECT count(*) FROM portfolio_summary s JOIN portfolio p USING (portfolio_id)
            WHERE (s.user_id, s.name, s.initial_capital, s.current_value, s.cash_balance, s.is_active,
                   s.created_at, s.updated_at)
                = (p.user_id, p.name, p.initial_capital, p.current_value, p.cash_balance, p.is_active,
                   p.created_at, p.updated_at)
            """)).ShouldBe(4);
    }

    [Fact]
    public async Task a_summary_without_holdings_or_with_flat_ones_is_zero()
    {
        (await Holdings(traded.Idle)).ShouldBeEmpty();
        (await Holdings(traded.Flat)).ShouldHaveSingleItem().ShouldBe((0m, 0m, 0m));

        (await Summary(traded.Idle)).ShouldBe((0m, 0m, 0m));
        (await Summary(traded.Flat)).ShouldBe((0m, 0m, 0m));
    }

    [Fact]
    public async Task the_value_of_a_portfolio_is_its_cash_and_its_holdings() =>
        (await traded.Database.Query<long>(
            "SELECT count(*) FROM portfolio_summary WHERE current_value = cash_balance + total_holdings_value"))
            .ShouldBe(4);

    private async Task<List<(decimal Value, decimal Pnl, decimal Percent)>> Holdings(int portfolio) => await Rows(
        $"SELECT market_value, unrealized_pnl, unrealized_pnl_percent FROM holding WHERE portfolio_id = {portfolio}");

    private async Task<(decimal Value, decimal Pnl, decimal Percent)> Summary(int portfolio) => (await Rows(
        $"""
        SELECT total_holdings_value, total_unrealized_pnl, weighted_unrealized_pnl_percent
        FROM portfolio_summary WHERE portfolio_id = {portfolio}
        """)).Single();

    private async Task<List<(decimal Value, decimal Pnl, decimal Percent)>> Rows(string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection(traded.Database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<(decimal, decimal, decimal)>();
        while (await reader.ReadAsync())
            rows.Add((reader.GetDecimal(0), reader.GetDecimal(1), reader.GetDecimal(2)));
        return rows;
    }
}
