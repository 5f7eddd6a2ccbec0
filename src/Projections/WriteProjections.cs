using Bifrost.EventStore;
using Bifrost.Projections.CashBalances;
using Bifrost.Projections.Fundings;
using Bifrost.Projections.Holdings;
using Bifrost.Projections.Orders;
using Bifrost.Projections.Portfolios;
using Bifrost.Projections.Trades;
using Bifrost.Projections.Transactions;
using Weasel.Storage;

namespace Bifrost.Projections;

/// <summary>
/// The inline projection of the legacy tables: writes what many portfolios' events changed, in at most one statement
/// per table and kind of change.
/// </summary>
/// <param name="changes">What the portfolios' events were folded into when they were decided.</param>
/// <param name="isKnown">Whether a symbol surely has its row, so that it need not be asked for again.</param>
public sealed class WriteProjections(IReadOnlyList<RowChanges> changes, Func<string, bool> isKnown) : LedgerOperation,
    NoDataReturnedCall
{
    // Users and symbols belong to others; the ledger makes them where its rows need them and never changes them. No
    // constraint is named as the one to give way to: two lanes that make the same user at once may meet at either key.
    private static readonly Statement Users = new(
        """
        INSERT INTO auth_user (id, username)
        SELECT u.id, 'user-' || u.id FROM unnest(?::integer[]) AS u (id)
        ON CONFLICT DO NOTHING
        """);

    private static readonly Statement Symbols = new(
        """
        INSERT INTO market_symbol (symbol, name, market, asset_type, status)
        SELECT u.symbol, u.symbol, 'UNKNOWN', 'UNKNOWN', 'UNKNOWN' FROM unnest(?::varchar[]) AS u (symbol)
        ON CONFLICT DO NOTHING
        """);

    private readonly RowSet<PortfolioRow> portfolios = Collect(changes, static c => c.Portfolios);

    /// <summary>
    /// To run before these; null where they take the portfolios' rows before anything else anyway. That is the order in
    /// which the valuation and a rebuild take them too.
    /// </summary>
    public LockPortfolios? Lock() =>
        HoldingsChange ? new LockPortfolios([.. portfolios.Updated.Select(portfolio => portfolio.Key)]) : null;

    private bool HoldingsChange => portfolios.Updated.Exists(portfolio => portfolio.Row.HoldingsChanged);

    protected override void AddTo(Statements statements)
    {
        var owners = new SortedSet<int>(portfolios.Inserted.Select(portfolio => portfolio.Row.State.UserId));
        Add(statements, Users, owners);
        Add(statements, Symbols, Unknown());
        PortfolioRow.Table.Insert(statements, portfolios);
        if (!HoldingsChange)
            PortfolioRow.Table.Update(statements, portfolios.Updated);
        CashBalanceRow.Table.AddTo(statements, Collect(changes, static c => c.CashBalances));
        HoldingRow.Table.AddTo(statements, Collect(changes, static c => c.Holdings));
        PortfolioRow.Table.Update(statements, Revalued());
        OrderRow.Table.AddTo(statements, Collect(changes, static c => c.Orders));
        TradeRow.Table.AddTo(statements, Collect(changes, static c => c.Trades));
        TransactionRow.Table.AddTo(statements, Collect(changes, static c => c.Transactions));
        FundingRow.Table.AddTo(statements, Collect(changes, static c => c.Fundings));
    }

    // Those that were inserted with holdings follow from these as well.
    private List<(int Key, PortfolioRow Row)> Revalued()
    {
        var made = portfolios.Inserted.Where(portfolio => portfolio.Row.HoldingsChanged);
        return HoldingsChange ? [.. portfolios.Updated, .. made] : [.. made];
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

    private SortedSet<string> Unknown()
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
    private static void Add<T>(Statements statements, Statement statement, SortedSet<T> values)
    {
        if (values.Count > 0)
            statements.Add(statement, SqlValue.Of(values.ToArray()));
    }
}
