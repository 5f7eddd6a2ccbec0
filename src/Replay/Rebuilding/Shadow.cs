using Bifrost.Projections;
using Bifrost.Projections.CashBalances;
using Bifrost.Projections.Fundings;
using Bifrost.Projections.Holdings;
using Bifrost.Projections.Orders;
using Bifrost.Projections.Portfolios;
using Bifrost.Projections.Trades;
using Bifrost.Projections.Transactions;
using Npgsql;

namespace Bifrost.Replay.Rebuilding;

/// <summary>All projected tables as the log says they should be, on one connection.</summary>
internal sealed class Shadow(NpgsqlConnection connection)
{
    public const string Portfolio = "shadow_portfolio";
    public const string Holding = "shadow_holding";
    public const string Order = "shadow_order";

    private readonly ShadowTable[] tables =
    [
        new ShadowTable<PortfolioRow>(
            Portfolio, PortfolioRow.Table, c => c.Portfolios, Never, replaced: false),
        new ShadowTable<CashBalanceRow>(
            "shadow_cash_balance", CashBalanceRow.Table, c => c.CashBalances, Never, replaced: true),
        new ShadowTable<HoldingRow>(Holding, HoldingRow.Table, c => c.Holdings, Never, replaced: true),
        new ShadowTable<OrderRow>(Order, OrderRow.Table, c => c.Orders, row => row.IsSettled, replaced: false),
        new ShadowTable<TradeRow>(
            "shadow_trade", TradeRow.Table, c => c.Trades, row => row.IsSettled, replaced: false),
        new ShadowTable<TransactionRow>(
            "shadow_transaction", TransactionRow.Table, c => c.Transactions, _ => true, replaced: false),
        new ShadowTable<FundingRow>("shadow_funding", FundingRow.Table, c => c.Fundings, _ => true, replaced: false),
    ];

    private Task writing = Task.CompletedTask;

    /// <summary>Busy until <see cref="Written"/>.</summary>
    public NpgsqlConnection Connection => connection;

    /// <summary>What was begun is written.</summary>
    public Task Written => writing;

    public IReadOnlyList<ShadowTable> Tables => tables;

    // What changes with nearly every event stays in memory until the end.
    private static bool Never(object row) => false;

    public async Task Create(CancellationToken cancel)
    {
        foreach (var table in tables)
            await table.Create(connection, cancel);
    }

    /// <summary>
    /// Takes the rows that will seldom change again and begins to write them, once those before are written.
    /// </summary>
    public async Task Begin(RowChanges changes, CancellationToken cancel)
    {
        await writing;
        foreach (var table in tables)
            table.Take(changes, all: false);
        writing = Task.Run(() => Write(all: false, cancel), cancel);
    }

    /// <summary>Takes and writes all rows.</summary>
    public async Task Finish(RowChanges changes, CancellationToken cancel)
    {
        await writing;
        foreach (var table in tables)
            table.Take(changes, all: true);
        await Write(all: true, cancel);
    }

    private async Task Write(bool all, CancellationToken cancel)
    {
        foreach (var table in tables)
            await table.Write(connection, all, cancel);
    }
}
