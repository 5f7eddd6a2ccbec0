using Bifrost.Domain.Portfolios;
using static Bifrost.Projections.ColumnRole;

namespace Bifrost.Projections.CashBalances;

/// <summary>The cash of a portfolio as it is: one row a portfolio and currency.</summary>
public sealed record CashBalanceRow(Portfolio State)
{
    public static readonly Table<CashBalanceRow> Table = new Table<CashBalanceRow>("cash_balance")
        .Whole("cash_balance_id", Key, row => row.State.CashBalanceId)
        .Whole("portfolio_id", Fixed, row => row.State.PortfolioId)
        .Number("balance", Changing, row => row.State.Cash)
        .Text("currency", Fixed, row => row.State.Currency.Code)
        .Time("balance_date", Changing, row => row.State.CashChangedAt)
        .Time("created_at", Fixed, row => row.State.CreatedAt)
        .Time("updated_at", Changing, row => row.State.CashRecordedAt);
}
