namespace Bifrost.Projections.Tests;

/// <summary>Programs that read rows by position find the legacy columns where they were.</summary>
public sealed class LegacyColumnTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Theory]
    [InlineData(
        "market_symbol",
        "symbol name market asset_type ipo_date delisting_date status has_company_info is_delisted min_period_yfinance "
        + "daily_period_yfinance created_at updated_at")]
    [InlineData(
        "portfolio",
        "portfolio_id user_id name description initial_capital current_value cash_balance is_active created_at "
        + "updated_at")]
    [InlineData(
        "holding",
        "holding_id portfolio_id symbol quantity average_price current_price market_value unrealized_pnl "
        + "unrealized_pnl_percent created_at updated_at")]
    [InlineData(
        "transaction",
        "transaction_id portfolio_id symbol transaction_type quantity price total_amount commission tax net_amount "
        + "transaction_date notes created_at")]
    [InlineData(
        "order",
        "order_id portfolio_id symbol order_type side quantity price stop_price status filled_quantity filled_price "
        + "time_in_force filled_at created_at updated_at")]
    [InlineData(
        "trade",
        "trade_id portfolio_id symbol entry_date exit_date entry_price exit_price quantity profit_actual "
        + "profit_actual_ratio commission tax net_profit status created_at updated_at")]
    [InlineData("cash_balance", "cash_balance_id portfolio_id balance currency balance_date created_at updated_at")]
    [InlineData("funding", "funding_id portfolio_id amount funding_type funding_date description created_at")]
    [InlineData(
        "portfolio_summary",
        "portfolio_id user_id name initial_capital current_value cash_balance is_active created_at updated_at "
        + "total_holdings_value total_unrealized_pnl weighted_unrealized_pnl_percent")]
    public async Task legacy_columns_come_first_and_in_their_order(string table, string columns)
    {
        var legacy = columns.Split(' ');

        var present = await database.Query<string[]>(
            $"""
            SELECT array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name = '{table}'
            """);

        present.Take(legacy.Length).ShouldBe(legacy);
    }
}
