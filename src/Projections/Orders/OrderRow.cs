using Bifrost.Domain.Orders;
using static Bifrost.Projections.ColumnRole;

namespace Bifrost.Projections.Orders;

public sealed record OrderRow(int PortfolioId, Order State)
{
    public static readonly Table<OrderRow> Table = new Table<OrderRow>("\"order\"")
        .Whole("order_id", Key, row => row.State.OrderId)
        .Whole("portfolio_id", Fixed, row => row.PortfolioId)
        .Text("symbol", Fixed, row => row.State.Symbol)
        .Text("order_type", Fixed, row => row.State.Type.ToString())
        .Text("side", Fixed, row => row.State.Side.ToString())
        .Number("quantity", Changing, row => row.State.Quantity)
        .Number("price", Changing, row => row.State.LimitPrice)
        .Number("stop_price", Changing, row => row.State.StopPrice)
        .Text("status", Changing, row => row.State.Status.ToString())
        .Number("filled_quantity", Changing, row => row.State.FilledQuantity)
        .Number("filled_price", Changing, row => row.FilledPrice)
        .Text("time_in_force", Changing, row => row.State.TimeInForce.ToString())
        .Time("filled_at", Changing, row => row.State.FilledAt)
        .Time("created_at", Fixed, row => row.State.PlacedAt)
        .Time("updated_at", Changing, row => row.State.UpdatedAt)
        .Text("client_order_id", Fixed, row => row.State.ClientOrderId)
        .Number("reserved_cash", Changing, row => row.State.ReservedCash)
        .Text("rejected_for", Fixed, row => row.State.RejectedFor)
        .Text("currency", Fixed, row => row.State.Currency);

    /// <summary>Whether it has ended: only an amendment changes it from here on.</summary>
    public bool IsSettled => !State.IsWorking;

    private decimal? FilledPrice => State.FilledQuantity == 0
        ? null
        : Display.Price(State.FilledAmount, State.FilledQuantity, State.IsFinelyPriced);
}
