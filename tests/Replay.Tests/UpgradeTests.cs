using Bifrost.Domain.Holdings;
using Bifrost.EventStore;
using Npgsql;
using static Bifrost.Harness.Orders;

namespace Bifrost.Replay.Tests;

/// <summary>A database of before a migration that changes tables has the same numbers after it.</summary>
public sealed class UpgradeTests(TradedLedger traded) : IClassFixture<TradedLedger>
{
    private const string BeforeFacts =
        """
        DROP VIEW portfolio_summary;
        DROP FUNCTION ledger.pair_names, ledger.rate_of, ledger.worth_of, ledger.buying_power_of,
            ledger.unrealized_pnl_of;
        ALTER TABLE portfolio DROP COLUMN currency_haircut, DROP COLUMN decimals;
        ALTER TABLE cash_balance DROP COLUMN reserved;
        ALTER TABLE "order" DROP COLUMN currency;
        ALTER TABLE trade DROP COLUMN multiplier, DROP COLUMN currency;
        ALTER TABLE transaction DROP COLUMN currency, DROP COLUMN fee_currency, DROP COLUMN rate, DROP COLUMN rate_at,
            DROP COLUMN rate_source;
        ALTER TABLE funding DROP COLUMN currency, DROP COLUMN bought_amount, DROP COLUMN bought_currency;
        ALTER TABLE transaction DROP COLUMN multiplier, DROP COLUMN cash_amount, DROP COLUMN fee_quantity,
            DROP COLUMN correction_id;
        ALTER TABLE funding DROP COLUMN tax, DROP COLUMN external_id, DROP COLUMN correction_id;
        UPDATE trade SET profit_actual = ledger.cents(profit_actual), net_profit = ledger.cents(net_profit);
        ALTER TABLE trade
            ALTER COLUMN profit_actual TYPE numeric(15, 2), ALTER COLUMN net_profit TYPE numeric(15, 2);
        DROP VIEW ledger.holding_mark;
        DROP FUNCTION ledger.marked, ledger.bar_word, ledger.bar_end, ledger.price_today;
        ALTER TABLE holding DROP COLUMN splits;
        DELETE FROM schema_migration WHERE name IN (
            'ledger/0018_facts.sql', 'ledger/0019_decimals_and_multipliers.sql', 'ledger/0020_currencies.sql',
            'timescale/0011_marks_after_splits.sql', 'timescale/0012_marks_of_fine_prices.sql');
        """;

    [Fact]
    public async Task rows_of_before_facts_were_told_whole_are_what_the_log_says()
    {
        await Trade();
        await traded.Execute(BeforeFacts);
        await traded.Execute(
            $"""
            INSERT INTO ledger.command_receipt (key, fingerprint, portfolio_id, portfolio_version, answer, recorded_at)
            SELECT key, '\x01', {traded.Busy}, 1, 'told ' || key, now()
            FROM unnest(ARRAY[
                'execution:17:A:B', 'execution:18:A:B', 'portfolio-execution:1:Z', 'key:x:execution:1:Q']) AS key
            """);

        await using (var owner = NpgsqlDataSource.Create(traded.Database.ConnectionString))
            await SchemaMigrations.Apply(owner);
        await traded.Execute("GRANT SELECT ON ledger.holding_mark TO PUBLIC");

        (await traded.Database.Query<string>(
            $"""
            SELECT string_agg(substring(key FROM 10) || ' = ' || answer, '; ' ORDER BY key)
            FROM ledger.command_receipt WHERE key LIKE 'external:%' AND answer LIKE 'told %'
            """)).ShouldBe(
            $"{traded.Busy}:A:B = told execution:17:A:B; {traded.Busy}:Z = told portfolio-execution:1:Z");
        (await traded.Verify()).Differences.Where(difference => difference.Table != "command_receipt").ShouldBeEmpty();
    }

    // Parts of lots that cents do not tell, and prices of before a split.
    private async Task Trade()
    {
        var bought = await traded.Ledger.Do(traded.Busy, Buy("UPGRADE", 9m, 0.333m));
        await traded.Ledger.Do(traded.Busy, Execution(bought, "U-1", 9m, 0.333m));
        var sold = await traded.Ledger.Do(traded.Busy, Sell("UPGRADE", 7m, 0.1m));
        await traded.Ledger.Do(traded.Busy, Execution(sold, "U-2", 2m, 0.12345m));
        foreach (var ratio in new[] { 3, 7 })
        {
            await traded.Ledger.Do(
                traded.Busy, new SplitShares { Symbol = "UPGRADE", Numerator = ratio, Denominator = 2 });
        }
        await traded.Ledger.Do(traded.Busy, Execution(sold, "U-3", 1m, 0.98765432m));
    }
}
