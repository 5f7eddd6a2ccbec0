using System.Collections.Immutable;
using Bifrost.Domain.Trades;

namespace Bifrost.Domain.Holdings;

/// <summary>
/// What a holding's stream says of its fills, corrections applied; and how long the streams of its round trips are.
/// </summary>
public sealed record HoldingHistory(ImmutableArray<Fill> Fills, ImmutableDictionary<int, long> TradeVersions)
{
    /// <param name="happened">The whole stream of one holding, in order.</param>
    /// <param name="tradeVersions">Events in the stream of each round trip.</param>
    public static HoldingHistory Of(
        IEnumerable<HoldingEvent> happened, ImmutableDictionary<int, long> tradeVersions)
    {
        var fills = new List<Fill>();
        foreach (var e in happened)
        {
            if (e is HoldingRestated restated)
            {
                Amend(fills, restated.TransactionId, restated.Corrected);
                Rename(fills, restated.TradeIds);
            }
            else if (e is LotsPooled && fills.Count > 0)
                fills[^1] = fills[^1] with { PooledAfter = true };
            else if (e is HoldingFilled filled)
                fills.Add(FillOf(filled));
        }
        return new HoldingHistory([.. fills], tradeVersions);
    }

    public HoldingHistory With(int transactionId, Fill? corrected)
    {
        var fills = Fills.ToList();
        Amend(fills, transactionId, corrected);
        return this with { Fills = [.. fills] };
    }

    private static void Amend(List<Fill> fills, int transactionId, Fill? corrected)
    {
        var at = fills.FindIndex(fill => fill.TransactionId == transactionId);
        var old = fills[at];
        if (corrected is not null)
        {
            fills[at] = corrected with { TradeId = old.TradeId, Lots = old.Lots, PooledAfter = old.PooledAfter };
            return;
        }
        if (old.PooledAfter && at > 0)
            fills[at - 1] = fills[at - 1] with { PooledAfter = true };
        fills.RemoveAt(at);
    }

    private static void Rename(List<Fill> fills, ImmutableDictionary<int, int>? tradeIds)
    {
        for (var at = 0; tradeIds is not null && at < fills.Count; at++)
        {
            if (tradeIds.TryGetValue(fills[at].TransactionId, out var id))
                fills[at] = fills[at] with { TradeId = id };
        }
    }

    // A fill that went through zero opened a round trip of its own; lots that were named are named again.
    internal static Fill FillOf(HoldingFilled happened) => happened is not LotsMatched e
        ? happened.ToFill()
        : e.ToFill() with { TradeId = e.Opened?.TradeId ?? e.TradeId, Lots = e.Named ?? [] };
}

/// <summary>Books a history of fills again from the start, with the same code that booked it first.</summary>
public sealed record Rebooked(
    Holding? Holding, decimal Cash, ImmutableDictionary<int, Trade> Trades, ImmutableDictionary<int, int> TradeIds)
{
    public static Rebooked From(HoldingHistory history, int portfolioId, Currency currency, TakeId nextId)
    {
        var position = new Position(portfolioId, currency, null, null);
        var (cash, trades, ids) = (0m, ImmutableDictionary<int, Trade>.Empty, ImmutableDictionary<int, int>.Empty);
        foreach (var fill in history.Fills)
        {
            if (fill.Method == LotMethod.AVERAGE)
                position = position with { Holding = position.Holding?.Pool() };
            var events = Booking.Book(position, fill, Ids(fill, trades, nextId));
            foreach (var e in events)
            {
                if (e is HoldingFilled filled)
                    cash += filled.CashAmount;
                position = Apply(position, e);
                if (e is TradeEvent)
                    trades = trades.SetItem(position.Trade!.TradeId, position.Trade);
                if (e is TradeOpened opened && opened.TradeId != fill.TradeId)
                    ids = ids.Add(fill.TransactionId, opened.TradeId);
            }
            if (fill.PooledAfter)
                position = position with { Holding = position.Holding?.Pool() };
        }
        return new Rebooked(position.Holding, cash, trades, ids);
    }

    // A round trip keeps its id where the fill that opens it belonged to one that is not taken yet.
    private static TakeId Ids(Fill fill, ImmutableDictionary<int, Trade> taken, TakeId nextId) => kind =>
        kind == IdKind.Trade && fill.TradeId is { } id && !taken.ContainsKey(id) ? id : nextId(kind);

    private static Position Apply(Position position, LedgerEvent happened) => happened switch
    {
        HoldingEvent e => position with { Holding = Holding.Evolve(position.Holding, e, e.OccurredAt) },
        TradeOpened e => position with { Trade = Trade.Evolve(null, e, e.OccurredAt) },
        TradeEvent e => position with { Trade = Trade.Evolve(position.Trade, e, e.OccurredAt) },
        _ => throw new InvalidHistoryException(happened, "a holding"),
    };
}
