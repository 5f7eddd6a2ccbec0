using Bifrost.Domain;

namespace Bifrost.Bench.PlainMarten;

/// <summary>
/// A portfolio as a program keeps it that leaves everything to Marten: one stream, and one document that the stream's
/// events are applied to. It decides what the ledger decides for these orders, and knows no others.
/// </summary>
internal sealed class Portfolio
{
    public string Id { get; set; } = "";

    public decimal Cash { get; set; }

    public decimal ReservedCash { get; set; }

    public decimal RealizedPnl { get; set; }

    /// <summary>Orders that are not filled, by id.</summary>
    public Dictionary<int, OrderPlaced> Orders { get; set; } = [];

    /// <summary>Lots by symbol, the oldest first.</summary>
    public Dictionary<string, List<HeldLot>> Holdings { get; set; } = [];

    public static Portfolio Create(PortfolioOpened opened) => new();

    public void Apply(CashDeposited deposited) => Cash += deposited.Amount;

    public void Apply(OrderPlaced placed)
    {
        ReservedCash += placed.ReservedCash;
        Orders.Add(placed.OrderId, placed);
    }

    public void Apply(OrderExecuted executed)
    {
        ReservedCash -= executed.ReleasedCash;
        Orders.Remove(executed.Fill.OrderId);
    }

    public void Apply(LotOpened opened)
    {
        Cash += opened.CashAmount;
        if (!Holdings.TryGetValue(opened.Fill.Symbol, out var lots))
            Holdings.Add(opened.Fill.Symbol, lots = []);
        lots.Add(new HeldLot(opened.Fill.TransactionId, opened.Fill.Quantity, opened.Cost));
    }

    public void Apply(LotsMatched matched)
    {
        Cash += matched.CashAmount;
        var lots = Holdings[matched.Fill.Symbol];
        foreach (var closed in matched.Lots)
        {
            var at = lots.FindIndex(lot => lot.Id == closed.LotId);
            var lot = lots[at];
            if (lot.Quantity > closed.Quantity)
                lots[at] = lot with { Quantity = lot.Quantity - closed.Quantity, Cost = lot.Cost - closed.Cost };
            else
                lots.RemoveAt(at);
        }
    }

    public void Apply(TradeFilled filled) => RealizedPnl += filled.RealizedPnl;

    public object[] Place(int orderId, string symbol, OrderSide side, decimal quantity, decimal price)
    {
        var (free, reserved) = (Cash - ReservedCash, side == OrderSide.BUY ? quantity * price : 0);
        if (reserved > free)
            throw new InvalidOperationException($"{free} in cash do not buy for {reserved}.");
        if (side == OrderSide.SELL && quantity > Held(symbol).Sum(lot => lot.Quantity))
            throw new InvalidOperationException($"There are no {quantity} of {symbol} to sell.");
        return [new OrderPlaced(orderId, symbol, side, quantity, price, reserved, DateTimeOffset.UtcNow)];
    }

    public object[] Fill(int orderId, int transactionId, decimal price, decimal commission)
    {
        if (!Orders.TryGetValue(orderId, out var order))
            throw new InvalidOperationException($"Order {orderId} is not open.");
        var fill = new Fill(
            transactionId, orderId, order.Symbol, order.Quantity, price, commission, DateTimeOffset.UtcNow);
        var executed = new OrderExecuted(fill, "x1", order.ReservedCash);
        return order.Side == OrderSide.BUY ? [executed, .. Bought(fill)] : [executed, .. Sold(fill)];
    }

    private static object[] Bought(Fill fill)
    {
        var cost = fill.Quantity * fill.Price + fill.Commission;
        return [new LotOpened(fill, cost, -cost), new TradeFilled(fill, RealizedPnl: 0)];
    }

    private object[] Sold(Fill fill)
    {
        var (closed, left) = (new List<ClosedLot>(), fill.Quantity);
        foreach (var lot in Held(fill.Symbol).TakeWhile(_ => left > 0))
        {
            var quantity = Math.Min(lot.Quantity, left);
            closed.Add(new ClosedLot(lot.Id, quantity, lot.Cost * quantity / lot.Quantity));
            left -= quantity;
        }
        var proceeds = fill.Quantity * fill.Price - fill.Commission;
        var realized = proceeds - closed.Sum(lot => lot.Cost);
        return [new LotsMatched(fill, closed, proceeds), new TradeFilled(fill, realized)];
    }

    private List<HeldLot> Held(string symbol) => Holdings.GetValueOrDefault(symbol) ?? [];
}

internal sealed record HeldLot(int Id, decimal Quantity, decimal Cost);
