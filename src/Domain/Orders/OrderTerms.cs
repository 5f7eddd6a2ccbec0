namespace Bifrost.Domain.Orders;

/// <summary>Which prices an order of a type has.</summary>
public static class OrderTerms
{
    public static bool Fit(OrderType type, decimal? limitPrice, decimal? stopPrice) =>
        (limitPrice is not null) == type is OrderType.LIMIT or OrderType.STOP_LIMIT
        && (stopPrice is not null) == type is OrderType.STOP or OrderType.STOP_LIMIT;

    public static string Needed(OrderType type) => type switch
    {
        OrderType.MARKET => "A MARKET order has neither limitPrice nor stopPrice.",
        OrderType.LIMIT => "A LIMIT order has a limitPrice and no stopPrice.",
        OrderType.STOP => "A STOP order has a stopPrice and no limitPrice.",
        OrderType.STOP_LIMIT => "A STOP_LIMIT order has a limitPrice and a stopPrice.",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an order type."),
    };
}
