using Bifrost.Projections.CashBalances;
using Bifrost.Projections.Fundings;
using Bifrost.Projections.Holdings;
using Bifrost.Projections.Orders;
using Bifrost.Projections.Portfolios;
using Bifrost.Projections.Trades;
using Bifrost.Projections.Transactions;
using Npgsql;

namespace Bifrost.Projections;

/// <summary>Writes what many portfolios' events changed: at most one statement per table and kind of change.</summary>
public static class ProjectionWriter
{
    // Users and symbols belong to others; the ledger makes them where its rows need them and never changes them.
    private const string Users =
        """
        INSERT INTO auth_user (id, username)
        SELECT u.id, 'user-' || u.id FROM unnest($1::integer[]) AS u (id)
        ON CONFLICT (id) DO NOTHING
        """;

    private const string Symbols =
        """
        INSERT INTO market_symbol (symbol, name, market, asset_type, status)
        SELECT u.symbol, u.symbol, 'UNKNOWN', 'UNKNOWN', 'UNKNOWN' FROM unnest($1::varchar[]) AS u (symbol)
        ON CONFLICT (symbol) DO NOTHING
        """;

    /// <param name="isKnown">Whether a symbol surely has its row, so that it need not be asked for again.</param>
    public static void AddTo(NpgsqlBatch batch, IReadOnlyList<RowChanges> changes, Func<string, bool> isKnown)
    {
        // In order, here and in the portfolio table, so that two writers take the rows they share in one order.
        AddNew(batch, Users, [.. changes.SelectMany(c => c.Portfolios.Inserted).Select(p => p.State.UserId).Distinct().Order()]);
        AddNew(batch, Symbols, [.. changes.SelectMany(c => c.Symbols).Where(s => !isKnown(s)).Distinct().Order(StringComparer.Ordinal)]);
        Add(batch, PortfolioRow.Table, changes, c => c.Portfolios, row => row.State.PortfolioId);
        Add(batch, CashBalanceRow.Table, changes, c => c.CashBalances, row => row.State.CashBalanceId);
        Add(batch, HoldingRow.Table, changes, c => c.Holdings, row => row.State.HoldingId);
        Add(batch, OrderRow.Table, changes, c => c.Orders, row => row.State.OrderId);
        Add(batch, TradeRow.Table, changes, c => c.Trades, row => row.State.TradeId);
        Add(batch, TransactionRow.Table, changes, c => c.Transactions, row => row.Fill.TransactionId);
        Add(batch, FundingRow.Table, changes, c => c.Fundings, row => row.Event.FundingId);
    }

    private static void Add<TRow>(
        NpgsqlBatch batch,
        Table<TRow> table,
        IReadOnlyList<RowChanges> changes,
        Func<RowChanges, Changes<TRow>> of,
        Func<TRow, int> key)
        where TRow : class
    {
        table.AddDelete(batch, [.. changes.SelectMany(c => of(c).Deleted)]);
        table.AddInsert(batch, [.. changes.SelectMany(c => of(c).Inserted).OrderBy(key)]);
        table.AddUpdate(batch, [.. changes.SelectMany(c => of(c).Updated).OrderBy(key)]);
    }

    private static void AddNew<T>(NpgsqlBatch batch, string sql, T[] values)
    {
        if (values.Length == 0)
            return;
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values });
        batch.BatchCommands.Add(command);
    }
}
