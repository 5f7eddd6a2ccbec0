using Bifrost.Projections;
using Bifrost.Projections.CashBalances;
using Bifrost.Projections.Fundings;
using Bifrost.Projections.Holdings;
using Bifrost.Projections.Orders;
using Bifrost.Projections.Portfolios;
using Bifrost.Projections.Trades;
using Bifrost.Projections.Transactions;

namespace Bifrost.Harness;

/// <summary>A projected table by its names, without the type of its rows.</summary>
public sealed record ProjectedTable(string Name, string Key, IReadOnlyList<ProjectedColumn> Columns)
{
    public static readonly IReadOnlyList<ProjectedTable> All =
    [
        Of(PortfolioRow.Table),
        Of(CashBalanceRow.Table),
        Of(HoldingRow.Table),
        Of(OrderRow.Table),
        Of(TradeRow.Table),
        Of(TransactionRow.Table),
        Of(FundingRow.Table),
    ];

    private static ProjectedTable Of<TRow>(Table<TRow> table) => new(
        table.Name,
        table.Key.Name,
        [
            .. table.Columns.Where(column => column.Role is not (ColumnRole.Key or ColumnRole.Generated))
                .Select(column => new ProjectedColumn(column.Name, column.SqlType)),
        ]);

    /// <summary>The columns that can be written.</summary>
    public string Written => string.Join(", ", Columns.Select(column => column.Name).Prepend(Key));
}

public sealed record ProjectedColumn(string Name, string Type)
{
    /// <summary>An expression for a value that the table takes and that is not the one it has.</summary>
    /// <param name="otherPortfolio">A portfolio that has no rows but its own.</param>
    public string Another(int otherPortfolio) => (Name, Type) switch
    {
        ("portfolio_id", _) => $"{otherPortfolio}",
        ("user_id", _) => "3 - user_id",
        ("currency", _) => "'CHF'",
        // Words of orders first, then those of trades; each table refuses the other's.
        ("status", _) => "CASE WHEN status IN ('PENDING', 'PARTIALLY_FILLED', 'CANCELLED', 'REJECTED') THEN 'FILLED' "
            + "WHEN status = 'FILLED' THEN 'PENDING' WHEN status = 'OPEN' THEN 'CLOSED' ELSE 'OPEN' END",
        ("order_type", _) => Other("'MARKET'", "'LIMIT'"),
        ("side" or "transaction_type", _) => Other("'BUY'", "'SELL'"),
        ("time_in_force", _) => Other("'GTC'", "'DAY'"),
        ("funding_type", _) => Other("'DEPOSIT'", "'FEE'"),
        (_, "varchar") => $"coalesce({Name}, '') || 'x'",
        (_, "boolean") => $"NOT {Name}",
        (_, "timestamptz") => $"coalesce({Name}, now()) + interval '1 microsecond'",
        _ => $"coalesce({Name}, 0) + 1",
    };

    private string Other(string one, string other) => $"CASE {Name} WHEN {one} THEN {other} ELSE {one} END";
}
