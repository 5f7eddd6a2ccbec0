using System.Collections.Immutable;
using Bifrost.Domain;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;

namespace Bifrost.Grains;

/// <summary>
/// Reads what has left a portfolio's memory from its streams, for the commands that still ask for it.
/// </summary>
internal sealed class PortfolioHistory(EventLog log, int portfolioId)
{
    /// <summary>The state that what was recorded since leads to, and the last sequence of that, if any.</summary>
    /// <exception cref="EventReadException">The history cannot be read on.</exception>
    public async Task<(Portfolio? State, long? LastSequence)> ReadOn(Portfolio? known)
    {
        var (next, sequence) = (known, (long?)null);
        await foreach (var stored in log.ReadPortfolio(portfolioId, known?.Version ?? 0))
        {
            next = HistoryFold.Next(await WithOrderOf(next, stored), stored, portfolioId);
            sequence = stored.Sequence;
        }
        return (next, sequence);
    }

    public UnfoldableEventException Uncounted() => new(
        HistoryFault.Uncounted,
        null,
        $"The next events of portfolio {portfolioId} are refused as being there already, and its history does not have "
        + "them.");

    // Another writer may have changed an order that ended here and was forgotten.
    private async Task<Portfolio?> WithOrderOf(Portfolio? known, StoredEvent stored)
    {
        if (known is null || stored.Data is not OrderEvent e)
            return known;
        if (e is OrderTermsEvent || known.Orders.ContainsKey(e.OrderId))
            return known;
        return await ReadOrder(e.OrderId, stored.Version - 1) is { } order ? known.Remember(order) : known;
    }

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
