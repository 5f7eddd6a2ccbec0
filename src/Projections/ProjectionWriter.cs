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
    /// <summary>The constraint that a writer meets who opens a holding that another one has opened meanwhile.</summary>
    public const string HoldingConstraint = "holding_portfolio_id_symbol_key";

    // Users and symbols belong to others; the ledger makes them where its rows need them and never changes them. No
    // constraint is named as the one to give way to: two lanes that make the same user at once may meet at either key.
    private const string Users =
        """
        INSERT INTO auth_user (id, username)
        SELECT u.id, 'user-' || u.id FROM unnest($1::integer[]) AS u (id)
        ON CONFLICT DO NOTHING
        """;

    private const string Symbols =
        """
        INSERT INTO market_symbol (symbol, name, market, asset_type, status)
        SELECT u.symbol, u.symbol, 'UNKNOWN', 'UNKNOWN', 'UNKNOWN' FROM unnest($1::varchar[]) AS u (symbol)
        ON CONFLICT DO NOTHING
        """;

    // After the holdings; the update of the portfolios before them has taken their locks, which is the order that the
    // valuation takes them in too.
    private const string Revalue =
        """
        UPDATE portfolio AS t
        SET current_value = t.cash_balance
            + coalesce((SELECT sum(h.market_value) FROM holding h WHERE h.portfolio_id = t.portfolio_id), 0)
        FROM (SELECT unnest($1::integer[]) AS portfolio_id) AS u
        WHERE t.portfolio_id = u.portfolio_id
        """;

    /// <param name="isKnown">Whether a symbol surely has its row, so that it need not be asked for again.</param>
    public static void AddTo(NpgsqlBatch batch, IReadOnlyList<RowChanges> changes, Func<string, bool> isKnown)
    {
        var portfolios = Collect(changes, static c => c.Portfolios);
        Add(batch, Users, new SortedSet<int>(portfolios.Inserted.Select(portfolio => portfolio.Row.State.UserId)));
        Add(batch, Symbols, Unknown(changes, isKnown));
        PortfolioRow.Table.AddTo(batch, portfolios);
        CashBalanceRow.Table.AddTo(batch, Collect(changes, static c => c.CashBalances));
        var holdings = Collect(changes, static c => c.Holdings);
        HoldingRow.Table.AddTo(batch, holdings);
        Add(batch, Revalue, PortfoliosOf(holdings));
        OrderRow.Table.AddTo(batch, Collect(changes, static c => c.Orders));
        TradeRow.Table.AddTo(batch, Collect(changes, static c => c.Trades));
        TransactionRow.Table.AddTo(batch, Collect(changes, static c => c.Transactions));
        FundingRow.Table.AddTo(batch, Collect(changes, static c => c.Fundings));
    }

    private static RowSet<TRow> Collect<TRow>(IReadOnlyList<RowChanges> changes, Func<RowChanges, Changes<TRow>> of)
        where TRow : class
    {
        var rows = new RowSet<TRow>();
        foreach (var change in changes)
            of(change).CollectInto(rows);
        rows.Sort();
        return rows;
    }

    private static SortedSet<int> PortfoliosOf(RowSet<HoldingRow> holdings) =>
        [.. holdings.Inserted.Concat(holdings.Updated).Select(holding => holding.Row.PortfolioId)];

    private static SortedSet<string> Unknown(IReadOnlyList<RowChanges> changes, Func<string, bool> isKnown)
    {
        var unknown = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            foreach (var symbol in change.Symbols)
            {
                if (!isKnown(symbol))
                    unknown.Add(symbol);
            }
        }
        return unknown;
    }

    // Sorted, so that two writers take the rows they share in one order.
    private static void Add<T>(NpgsqlBatch batch, string sql, SortedSet<T> values)
    {
        if (values.Count == 0)
            return;
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. values] });
        batch.BatchCommands.Add(command);
    }
}
