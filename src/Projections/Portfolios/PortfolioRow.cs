using Bifrost.Domain.Portfolios;
using Bifrost.Projections.Holdings;
using static Bifrost.Projections.ColumnRole;

namespace Bifrost.Projections.Portfolios;

public sealed record PortfolioRow(Portfolio State)
{
    private readonly decimal? given;

    // Moved by cash; where holdings changed, which are written before, their values are summed up anew.
    private static readonly MarkSql Value = new(
        "u.cash_balance",
        """
        u.cash_balance + CASE WHEN u.holdings_changed
            THEN coalesce((SELECT sum(h.market_value) FROM holding h WHERE h.portfolio_id = t.portfolio_id), 0)
            ELSE t.current_value - t.cash_balance END
        """);

    public static readonly Table<PortfolioRow> Table = new Table<PortfolioRow>("portfolio")
        .Whole("portfolio_id", Key, row => row.State.PortfolioId)
        .Whole("user_id", Fixed, row => row.State.UserId)
        .Text("name", Changing, row => row.State.Name)
        .Text("description", Changing, row => row.State.Description)
        .Number("initial_capital", Changing, row => row.State.InitialCapital)
        .Mark("current_value", Value, row => row.State.Cash + row.HoldingsValue)
        .Number("cash_balance", Changing, row => row.State.Cash)
        .Bool("is_active", Changing, row => row.State.IsActive)
        .Time("created_at", Fixed, row => row.State.CreatedAt)
        .Time("updated_at", Changing, row => row.State.UpdatedAt)
        .Text("currency", Fixed, row => row.State.Currency.Code)
        .Text("lot_method", Changing, row => row.State.LotMethod.ToString())
        .Bool("allow_short", Changing, row => row.State.AllowShort)
        .Bool("allow_overdraft", Changing, row => row.State.AllowOverdraft)
        .Number("reserved_cash", Changing, row => row.State.ReservedCash)
        .Number("realized_pnl", Changing, row => row.State.RealizedPnl)
        .Whole("version", Changing, row => row.State.Version)
        .Told("holdings_changed", row => row.HoldingsChanged);

    /// <summary>Whether what it is worth moved with more than its cash.</summary>
    public bool HoldingsChanged { get; init; }

    /// <summary>
    /// The market values of its holdings, each as it is shown. At the prices of the latest fills, unless said
    /// otherwise.
    /// </summary>
    public decimal HoldingsValue
    {
        get => given ?? State.Holdings.Values.Sum(h => new HoldingRow(State.PortfolioId, h).MarketValue);
        init => given = value;
    }
}
