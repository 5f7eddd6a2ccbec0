using System.Globalization;
using Bifrost.Audit.Exporting;
using Bifrost.Domain;
using Npgsql;

namespace Bifrost.Audit.Tests.Exporting;

/// <summary>Exports of a ledger in which something of everything happened, held to its tables.</summary>
public sealed class ExportTests(TradedLedger traded) : IClassFixture<TradedLedger>
{
    private const string Positions =
        """
        SELECT portfolio_id, symbol, quantity, cost_basis, realized_pnl FROM holding ORDER BY portfolio_id, symbol
        """;

    [SkippableFact]
    public async Task the_journal_of_all_portfolios_is_right_and_ends_with_what_the_tables_say()
    {
        var beancount = TestBeancount.OrSkip();

        var journal = await Exported.As("beancount", traded.Reads);

        (await beancount.Check(journal)).ShouldBe("");
        var balances = Exported.Balances(journal);
        foreach (var portfolio in new[] { traded.Busy, traded.Flat, traded.ShortSeller })
        {
            balances[($"Assets:Bifrost:P{portfolio}:Cash", "USD")].ShouldBe(
                await traded.Database.Query<decimal>(
                    $"SELECT cash_balance FROM portfolio WHERE portfolio_id = {portfolio}"));
            balances[($"Income:Bifrost:P{portfolio}:RealizedPnl", "USD")].ShouldBe(
                -await traded.Database.Query<decimal>(
                    $"SELECT realized_pnl FROM portfolio WHERE portfolio_id = {portfolio}"));
        }
        await using var command = traded.Reads.CreateCommand(Positions);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var symbol = reader.GetString(1);
            var account = $"Assets:Bifrost:P{reader.GetInt32(0)}:Positions:{BeancountNames.Account(symbol)}";
            balances[(account, BeancountNames.Commodity(symbol))].ShouldBe(reader.GetDecimal(2));
            var beyond = balances.GetValueOrDefault(($"{account}:Remainder", "USD"));
            (Exported.AtCost(journal, account) + beyond).ShouldBe(reader.GetDecimal(3));
        }
    }

    [SkippableFact]
    public async Task beancount_finds_a_balance_that_is_wrong_in_its_last_digit()
    {
        var beancount = TestBeancount.OrSkip();
        var journal = await Exported.As("beancount", traded.Reads, new ExportScope { PortfolioId = traded.Busy });
        var cash = Exported.Balances(journal)[($"Assets:Bifrost:P{traded.Busy}:Cash", "USD")];

        var wrong = journal.Replace(
            string.Create(CultureInfo.InvariantCulture, $":Cash {cash:F2} USD"),
            string.Create(CultureInfo.InvariantCulture, $":Cash {cash + 0.000_000_000_001m} USD"));

        wrong.ShouldNotBe(journal);
        (await beancount.Check(wrong)).ShouldContain("Balance failed");
    }

    [SkippableFact]
    public async Task a_symbol_that_is_called_like_the_currency_is_not_taken_for_money()
    {
        var beancount = TestBeancount.OrSkip();
        var portfolio = await traded.Ledger.OpenPortfolio(cash: 1_000m);
        await traded.Ledger.Do(portfolio, new RecordExecution
        {
            ExecutionId = "B-1", Symbol = "USD", Side = OrderSide.BUY, Quantity = 3m, Price = 33.1m, Commission = 0.7m,
        });

        var journal = await Exported.As("beancount", traded.Reads, new ExportScope { PortfolioId = portfolio });

        (await beancount.Check(journal)).ShouldBe("");
        var balances = Exported.Balances(journal);
        balances[($"Assets:Bifrost:P{portfolio}:Cash", "USD")].ShouldBe(900m);
        balances[($"Assets:Bifrost:P{portfolio}:Positions:USD", "X'USDX")].ShouldBe(3m);
    }

    [Fact]
    public async Task a_lot_is_written_with_its_cost_date_and_id_and_a_fill_with_its_fees()
    {
        var journal = await Exported.As("beancount", traded.Reads, new ExportScope { PortfolioId = traded.Busy });

        var lot = await traded.Database.Query<int>(
            $"SELECT transaction_id FROM transaction WHERE portfolio_id = {traded.Busy} AND execution_id = 'X-1'");
        // 60 at 45.08 and 0.35 of commission.
        journal.ShouldContain($"60 ORCL {{45.08583333 USD, {await Day(lot)}, \"lot-{lot}\"}}");
        journal.ShouldContain($"Assets:Bifrost:P{traded.Busy}:Positions:ORCL:Remainder  0.0000002 USD");
        journal.ShouldContain("  commission: 0.35 USD\n");
        journal.ShouldContain($"  Income:Bifrost:P{traded.Busy}:Dividends  -12.50 USD\n");
        journal.ShouldContain($"* \"Dividend of ORCL\"\n");
        journal.ShouldNotContain($"Bifrost:P{traded.Flat}:");
    }

    [Fact]
    public async Task csv_has_a_row_for_each_event_in_the_order_of_the_log()
    {
        var rows = Csv.Read(await Exported.As("csv", traded.Reads));

        rows[0].ShouldBe(
        [
            "sequence", "id", "stream", "version", "type", "data", "occurredAt", "recordedAt", "actor", "commandId",
            "correlationId", "hash", "previousHash",
        ]);
        var all = await traded.Database.Query<long[]>("SELECT array_agg(seq_id ORDER BY seq_id) FROM events.mt_events");
        rows.Skip(1).Select(row => long.Parse(row[0], CultureInfo.InvariantCulture)).ShouldBe(all);
        rows.ShouldAllBe(row => row.Count == rows[0].Count);
        var placed = rows.First(row => row[4] == "order_placed");
        placed[5].ShouldBe(await traded.Database.Query<string>(
            $"SELECT data::text FROM events.mt_events WHERE seq_id = {placed[0]}"));
    }

    [Fact]
    public async Task a_part_of_the_history_is_exported_by_portfolio_and_time()
    {
        var at = await traded.Database.Query<DateTime>(
            $"""
            SELECT timestamp FROM events.mt_events WHERE (data ->> 'portfolioId')::integer = {traded.Busy}
            ORDER BY seq_id OFFSET 20 LIMIT 1
            """);
        var portfolio = new ExportScope { PortfolioId = traded.Busy };

        var whole = Csv.Read(await Exported.As("csv", traded.Reads, portfolio)).Skip(1).ToList();
        var before = Csv.Read(await Exported.As("csv", traded.Reads, portfolio with { To = at })).Skip(1).ToList();
        var rest = Csv.Read(await Exported.As("csv", traded.Reads, portfolio with { From = at })).Skip(1).ToList();

        before.Count.ShouldBeGreaterThan(0);
        rest.Count.ShouldBeGreaterThan(0);
        before.Concat(rest).Select(row => row[0]).ShouldBe(whole.Select(row => row[0]));
        whole.ShouldAllBe(row => row[5].Contains($"\"portfolioId\": {traded.Busy}"));
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("-a", "'-a")]
    [InlineData("@a", "'@a")]
    [InlineData("a,\"b\"", "a,\"b\"")]
    [InlineData("a=b", "a=b")]
    public async Task an_id_that_a_spreadsheet_would_run_is_marked_as_a_text(string id, string shown)
    {
        await traded.Execute(
            $"""
            INSERT INTO events.mt_events (seq_id, id, stream_id, version, data, type, causation_id)
            SELECT max(seq_id) + 1, gen_random_uuid(), 'odd-' || max(seq_id), 1, jsonb '1', 'odd', '{id}'
            FROM events.mt_events
            """);

        var row = Csv.Read(await Exported.As("csv", traded.Reads))[^1];

        (row[4], row[5], row[6], row[9]).ShouldBe(("odd", "1", "", shown));
    }

    private Task<string> Day(int transaction) => traded.Database.Query<string>(
        $"SELECT to_char(transaction_date AT TIME ZONE 'UTC', 'YYYY-MM-DD') FROM transaction "
        + $"WHERE transaction_id = {transaction}");
}
