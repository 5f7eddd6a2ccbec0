using System.Collections.Immutable;

namespace Bifrost.Domain.Tests;

/// <summary>A portfolio as rows of text in a fixed order: equal states have equal rows.</summary>
internal static class Rows
{
    public static string[] Of(Portfolio p) =>
    [
        Then.Json(p with
        {
            Holdings = ImmutableDictionary<string, Holding>.Empty,
            ReservedShares = ImmutableDictionary<string, decimal>.Empty,
            Orders = ImmutableDictionary<int, Order>.Empty,
            Trades = ImmutableDictionary<string, Trade>.Empty,
        }),
        .. p.Holdings.Values.OrderBy(holding => holding.Symbol, StringComparer.Ordinal).Select(Then.Json),
        .. p.ReservedShares.OrderBy(shares => shares.Key, StringComparer.Ordinal).Select(shares => shares.ToString()),
        .. p.Orders.Values.OrderBy(order => order.OrderId).SelectMany(Of),
        // The version and the time of a trade are not part of its JSON.
        .. p.Trades.Values.OrderBy(trade => trade.TradeId).Select(trade => trade.ToString()),
    ];

    private static IEnumerable<string> Of(Order order) =>
        order.Executions.Values.OrderBy(e => e.TransactionId).Select(Then.Json)
            .Prepend(Then.Json(order with { Executions = ImmutableDictionary<string, Execution>.Empty }));
}
