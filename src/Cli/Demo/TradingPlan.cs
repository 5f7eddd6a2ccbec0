namespace Bifrost.Cli.Demo;

internal sealed record PlannedTrade(DateTimeOffset Day, string Symbol, string Side, int Quantity, decimal Price);

/// <summary>
/// Orders that any portfolio can carry out: they never sell more than they bought, nor spend what is not there.
/// </summary>
internal sealed record TradingPlan(decimal Deposit, IReadOnlyList<PlannedTrade> Trades)
{
    public DateTimeOffset First => Trades[0].Day;

    public DateTimeOffset Last => Trades[^1].Day;

    public static TradingPlan Make(IReadOnlyList<DailyPrice> prices, int orders, int seed)
    {
        const decimal Deposit = 100_000m;
        var (chance, cash, held) = (new Random(seed), Deposit, new Dictionary<string, int>());
        var trades = new List<PlannedTrade>();
        // Every so many prices one order, so that they spread over all of the time.
        var step = Math.Max(1, prices.Count / orders);
        for (var i = chance.Next(step); i < prices.Count && trades.Count < orders; i += step)
        {
            var (day, symbol, close) = prices[i];
            var quantity = chance.Next(5, 60);
            var isBuy = held.GetValueOrDefault(symbol) == 0 || chance.Next(100) < 55;
            if (isBuy && quantity * close > cash / 2)
                isBuy = false;
            quantity = isBuy ? quantity : Math.Min(quantity, held.GetValueOrDefault(symbol));
            if (quantity == 0)
                continue;
            held[symbol] = held.GetValueOrDefault(symbol) + (isBuy ? quantity : -quantity);
            cash += isBuy ? -quantity * close - 1 : quantity * close - 1;
            trades.Add(new PlannedTrade(day, symbol, isBuy ? "BUY" : "SELL", quantity, close));
        }
        return trades.Count > 0
            ? new TradingPlan(Deposit, trades)
            : throw new OperatorException("No order could be made of these prices.");
    }
}
