using Bifrost.Domain;
using Bifrost.Domain.Orders;
using Bifrost.Grains;

namespace Bifrost.Harness;

/// <summary>Orders and their executions, as short as a test wants them.</summary>
public static class Orders
{
    public static PlaceOrder Buy(string symbol, decimal quantity, decimal limit) =>
        Limit(OrderSide.BUY, symbol, quantity, limit);

    public static PlaceOrder Sell(string symbol, decimal quantity, decimal limit) =>
        Limit(OrderSide.SELL, symbol, quantity, limit);

    public static ExecuteOrder Execution(Answer placed, string executionId, decimal quantity, decimal price) => new()
    {
        OrderId = placed.Effect.OrderId!.Value,
        ExecutionId = executionId,
        Quantity = quantity,
        Price = price,
        Commission = 0.35m,
    };

    private static PlaceOrder Limit(OrderSide side, string symbol, decimal quantity, decimal limit) => new()
    {
        Symbol = symbol, Side = side, Type = OrderType.LIMIT, Quantity = quantity, LimitPrice = limit,
    };
}
