using System.Collections.Immutable;
using Bifrost.Domain;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.EventStore;

namespace Bifrost.Grains;

/// <summary>
/// Reads what has left a portfolio's memory from its streams, for the commands that still ask for it.
/// </summary>
internal sealed class PortfolioHistory(EventLog log, int portfolioId)
{
    /// <summary>
    /// An order as its first <paramref name="throughVersion"/> events left it; null where it is not the portfolio's.
    /// </summary>
    public async Task<Order?> ReadOrder(int orderId, long throughVersion = long.MaxValue)
    {
        var order = (Order?)null;
        await foreach (var stored in log.ReadStream(StreamId.Order(orderId).Value))
        {
            if (stored.Data.PortfolioId == portfolioId && stored.Version <= throughVersion)
                order = Order.Evolve(order, (OrderEvent)stored.Data, stored.RecordedAt);
        }
        return order;
    }

    /// <summary>All fills of a holding, and how long the streams of its round trips are.</summary>
    public async Task<HoldingHistory> ReadHolding(string symbol)
    {
        var events = new List<HoldingEvent>();
        await foreach (var stored in log.ReadStream(StreamId.Holding(portfolioId, symbol).Value))
            events.Add((HoldingEvent)stored.Data);
        var trades = events.SelectMany(TradesOf).Distinct().ToDictionary(id => StreamId.Trade(id).Value);
        var versions = await log.ReadVersions(trades.Keys);
        return HoldingHistory.Of(events, versions.ToImmutableDictionary(version => trades[version.Key], v => v.Value));
    }

    private static IEnumerable<int> TradesOf(HoldingEvent happened) => happened switch
    {
        LotsMatched { Opened: { } crossed } e => [e.TradeId, crossed.TradeId],
        HoldingFilled e => [e.TradeId],
        HoldingRestated { TradeIds: { } opened } => opened.Values,
        _ => [],
    };
}
