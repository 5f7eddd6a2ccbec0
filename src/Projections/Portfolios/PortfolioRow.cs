using Bifrost.Domain.Portfolios;
using static Bifrost.Projections.ColumnRole;

namespace Bifrost.Projections.Portfolios;

public sealed record PortfolioRow(Portfolio State)
{
    public static readonly Table<PortfolioRow> Table = new Table<PortfolioRow>("portfolio")
        .Whole("portfolio_id", Key, row => row.State.PortfolioId)
        .Whole("user_id", Fixed, row => row.State.UserId)
        .Text("name", Changing, row => row.State.Name)
        .Text("description", Changing, row => row.State.Description)
        .Number("initial_capital", Changing, row => row.State.InitialCapital)
        .Number("current_value", Changing, row => row.State.Cash + Display.Cents(row.MarketValue))
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
        .Whole("version", Changing, row => row.State.Version);

    private decimal MarketValue => State.Holdings.Values.Sum(holding => holding.Quantity * holding.LastPrice);
}
