using Bifrost.Domain.Portfolios;
using static Bifrost.Projections.ColumnRole;

namespace Bifrost.Projections.CashBalances;

/// <summary>The cash of a portfolio as it is: one row a portfolio and currency.</summary>
/// <param name="Reserved">
/// What open buys hold back; null of the portfolio's own currency, whose row of the portfolio has it.
/// </param>
public sealed record CashBalanceRow(int PortfolioId, string Currency, CashAccount Account, decimal? Reserved)
{
    public static readonly Table<CashBalanceRow> Table = new Table<CashBalanceRow>("cash_balance")
        .Whole("cash_balance_id", Key, row => row.Account.CashBalanceId)
        .Whole("portfolio_id", Fixed, row => row.PortfolioId)
        .Number("balance", Changing, row => row.Account.Balance)
        .Text("currency", Fixed, row => row.Currency)
        .Time("balance_date", Changing, row => row.Account.ChangedAt)
        .Time("created_at", Fixed, row => row.Account.OpenedAt)
        .Time("updated_at", Changing, row => row.Account.RecordedAt)
        .Number("reserved", Changing, row => row.Reserved);

    /// <summary>The row of the portfolio's own currency.</summary>
    public static CashBalanceRow Own(Portfolio state) => new(
        state.PortfolioId,
        state.Currency.Code,
        new CashAccount
        {
            CashBalanceId = state.CashBalanceId, Balance = state.Cash, OpenedAt = state.CreatedAt,
            ChangedAt = state.CashChangedAt, RecordedAt = state.CashRecordedAt,
        },
        null);

    /// <summary>The row of another.</summary>
    public static CashBalanceRow Other(Portfolio state, string currency) =>
        new(state.PortfolioId, currency, state.OtherCash[currency], state.OtherCash[currency].Reserved);

    /// <summary>All of them, the portfolio's own first.</summary>
    public static IEnumerable<CashBalanceRow> All(Portfolio state) => state.OtherCash
        .OrderBy(other => other.Value.CashBalanceId).Select(other => Other(state, other.Key)).Prepend(Own(state));
}
