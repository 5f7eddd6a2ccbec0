using System.Collections.Immutable;
using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;

namespace Bifrost.Replay;

/// <summary>
/// Reads what has left a portfolio's memory from its streams, for the commands that still ask for it.
/// </summary>
public sealed class PortfolioHistory(EventLog log, int portfolioId)
{
    /// <summary>The state that what was recorded since leads to, and its last event, if any.</summary>
    /// <exception cref="EventReadException">The history cannot be read on.</exception>
    public async Task<(Portfolio? State, ChainHead? Head)> ReadOn(Portfolio? known)
    {
        var (next, head) = (known, (ChainHead?)null);
        await foreach (var stored in log.ReadPortfolio(portfolioId, known?.Version ?? 0))
        {
            var before = await WithOrderOf(next, stored.Data, stored.Version);
            next = HistoryFold.Next(before, stored, portfolioId);
            head = new ChainHead(stored.Sequence, stored.Hash!);
        }
        return (next, head);
    }

    public UnfoldableEventException Uncounted() => new(
        HistoryFault.Uncounted,
        null,
        $"The next events of portfolio {portfolioId} are refused as being there already, and its history does not have "
        + "them.");

    /// <summary>
    /// The state after one more event, folded strictly and with the orders that work; what has ended is read again
    /// where the event is about it.
    /// </summary>
    /// <param name="fold">What else is made of the event, beside the next state; nothing where it is null.</param>
    /// <exception cref="EventReadException">The event cannot be the next one.</exception>
    public async ValueTask<Portfolio> Next(
        Portfolio? before, StoredEvent stored, Func<Portfolio?, Recorded, Portfolio>? fold = null)
    {
        if (NeedsOrderOf(before, stored.Data))
            before = await WithOrderOf(before, stored.Data, stored.Version);
        return WithoutEnded(
            HistoryFold.Next(before, stored, portfolioId, fold ?? Portfolio.Evolve), stored.Data);
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

    /// <summary>
    /// The state with the order that an event is about, where it had ended and left memory: an ended order can still be
    /// amended.
    /// </summary>
    /// <param name="streamVersion">Of the event, in its stream.</param>
    public async ValueTask<Portfolio?> WithOrderOf(Portfolio? state, LedgerEvent happened, long streamVersion) =>
        NeedsOrderOf(state, happened) && await ReadOrder(((OrderEvent)happened).OrderId, streamVersion - 1) is { } order
            ? state!.Remember(order)
            : state;

    /// <summary>Whether an event is about an order that is not in memory.</summary>
    public static bool NeedsOrderOf(Portfolio? state, LedgerEvent happened) =>
        state is not null && happened is OrderEvent e and not OrderTermsEvent && !state.Orders.ContainsKey(e.OrderId);

    /// <summary>The state without the order of the event that it was made by, where that has ended.</summary>
    public static Portfolio WithoutEnded(Portfolio state, LedgerEvent happened) =>
        happened is OrderEvent e && !state.Orders[e.OrderId].IsWorking ? state.Forget(e.OrderId) : state;

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

    /// <summary>All that came or went without a trade.</summary>
    public async Task<FundingHistory> ReadFunding()
    {
        var events = new List<LedgerEvent>();
        await foreach (var stored in log.ReadStream(StreamId.Funding(portfolioId).Value))
            events.Add(stored.Data);
        return FundingHistory.Of(events);
    }

    private static IEnumerable<int> TradesOf(HoldingEvent happened) => happened switch
    {
        LotsMatched { Opened: { } crossed } e => [e.TradeId, crossed.TradeId],
        HoldingFilled e => [e.TradeId],
        HoldingRebooked { TradeIds: { } opened } => opened.Values,
        _ => [],
    };
}
