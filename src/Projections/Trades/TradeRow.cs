using Bifrost.Domain;
using Bifrost.Domain.Trades;
using static Bifrost.Projections.ColumnRole;

namespace Bifrost.Projections.Trades;

/// <summary>
/// A round trip. <c>profit_actual</c> is what was sold less what was bought of it, before fees, at average prices;
/// <c>net_profit</c> is the realized P&amp;L of the lot method, net of fees. Once it is closed they differ by the fees.
/// Both are exact, as the realized P&amp;L of the holding is; cents are for whoever shows them.
/// </summary>
public sealed record TradeRow(int PortfolioId, Trade State)
{
    public static readonly Table<TradeRow> Table = new Table<TradeRow>("trade")
        .Whole("trade_id", Key, row => row.State.TradeId)
        .Whole("portfolio_id", Fixed, row => row.PortfolioId)
        .Text("symbol", Fixed, row => row.State.Symbol)
        .Time("entry_date", Changing, row => row.State.EntryDate)
        .Time("exit_date", Changing, row => row.State.ExitDate)
        .Number("entry_price", Changing, row => row.Price(row.State.EntryAmount, row.State.EntryQuantity))
        .Number("exit_price", Changing, row => row.ExitPrice)
        .Number("quantity", Changing, row => row.State.EntryQuantity)
        .Number("profit_actual", Changing, row => row.Profit)
        .Number("profit_actual_ratio", Changing, row => Display.Ratio(row.Profit, Math.Abs(row.EntryOfExited)))
        .Number("commission", Changing, row => decimal.Round(row.State.Commission, 8, MidpointRounding.ToEven))
        .Number("tax", Changing, row => decimal.Round(row.State.Tax, 8, MidpointRounding.ToEven))
        .Number("net_profit", Changing, row => row.State.RealizedPnl)
        .Text("status", Changing, row => row.State.Status.ToString())
        .Time("created_at", Changing, row => row.State.EntryDate)
        .Time("updated_at", Changing, row => row.State.UpdatedAt)
        .Bool("is_short", Changing, row => row.State.IsShort)
        .Number("multiplier", Changing, row => row.Multiplier)
        .Text("currency", Changing, row => row.State.Currency);

    /// <summary>Whether it is closed: only an amendment changes it from here on.</summary>
    public bool IsSettled => State.Status == TradeStatus.CLOSED;

    private decimal? ExitPrice =>
        State.ExitQuantity == 0 ? null : Price(State.ExitAmount, State.ExitQuantity);

    private decimal Multiplier => State.Multiplier ?? 1;

    // What the part that was left had cost on entry, at the average price.
    private decimal EntryOfExited => Money.Share(State.EntryAmount, State.ExitQuantity, State.EntryQuantity);

    private decimal Price(decimal amount, decimal quantity) =>
        Display.Price(amount, quantity * Multiplier, State.IsFinelyPriced == true);

    private decimal Profit => State.IsShort ? EntryOfExited - State.ExitAmount : State.ExitAmount - EntryOfExited;
}
