using Bifrost.Domain.Holdings;
using static Bifrost.Projections.ColumnRole;

namespace Bifrost.Projections.Holdings;

/// <summary>A position. Until a market price marks it, its price is that of its latest fill.</summary>
public sealed record HoldingRow(int PortfolioId, Holding State)
{
    public static readonly Table<HoldingRow> Table = new Table<HoldingRow>("holding")
        .Whole("holding_id", Key, row => row.State.HoldingId)
        .Whole("portfolio_id", Fixed, row => row.PortfolioId)
        .Text("symbol", Fixed, row => row.State.Symbol)
        .Number("quantity", Changing, row => row.State.Quantity)
        .Number("average_price", Changing, row => row.AveragePrice)
        .Number("current_price", Changing, row => row.State.LastPrice)
        .Number("market_value", Changing, row => row.MarketValue)
        .Number("unrealized_pnl", Changing, row => row.UnrealizedPnl)
        .Number("unrealized_pnl_percent", Changing, row => row.UnrealizedPnlPercent)
        .Time("created_at", Fixed, row => row.State.CreatedAt)
        .Time("updated_at", Changing, row => row.State.UpdatedAt)
        .Number("cost_basis", Changing, row => row.State.CostBasis)
        .Number("realized_pnl", Changing, row => row.State.RealizedPnl);

    public decimal AveragePrice => Display.Price(State.CostBasis, State.Quantity);

    public decimal MarketValue => Display.Cents(Value);

    public decimal UnrealizedPnl => Display.Cents(Value - State.CostBasis);

    public decimal UnrealizedPnlPercent =>
        Display.Ratio((Value - State.CostBasis) * 100, Math.Abs(State.CostBasis));

    private decimal Value => State.Quantity * State.LastPrice;
}
