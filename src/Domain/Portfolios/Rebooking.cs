using System.Collections.Immutable;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Trades;

namespace Bifrost.Domain.Portfolios;

/// <summary>How facts are booked again.</summary>
public sealed record RebookingTerms
{
    /// <summary>Facts that occurred later are left out; null leaves none out.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>In the order in which they occurred; otherwise in that in which they were recorded.</summary>
    public bool AsOccurred { get; init; }

    /// <summary>Every fill is matched by this method; null keeps the one that each was matched by.</summary>
    public LotMethod? LotMethod { get; init; }
}

/// <summary>
/// Books what happened to a portfolio again: cash that moved and fills, under their corrected terms. Recorded matches
/// are decisions of their time; here lots are matched anew, by the code that matched them first. Booked in the order in
/// which it was recorded, and with nothing changed, it comes to the recorded state.
/// </summary>
/// <remarks>
/// Orders are instructions and no facts: they take no part, and nothing is reserved for them. Round trips that nothing
/// has recorded get ids below zero.
/// </remarks>
public sealed class Rebooking
{
    private readonly List<Fact> facts = [];
    private readonly Dictionary<int, Trade> trades = [];
    private readonly Dictionary<string, int> holdingIds = [];
    private int inventedId;

    /// <summary>All round trips of the last booking.</summary>
    public IReadOnlyDictionary<int, Trade> Trades => trades;

    /// <summary>Something that happened: an event as it was recorded, or a fill as it stands.</summary>
    private sealed record Fact(DateTimeOffset OccurredAt, Recorded Recorded, Fill? Fill)
    {
        public bool IsSplit => Recorded.Event is HoldingSplit;

        public bool IsOf(string symbol) => Recorded.Event is HoldingEvent e && e.Symbol == symbol;
    }

    /// <summary>Takes an event in; in the order in which they were recorded.</summary>
    public void Add(Recorded recorded)
    {
        switch (recorded.Event)
        {
            case HoldingRestated e:
                Amend(e, recorded);
                break;
            case HoldingFilled e:
                facts.Add(new Fact(e.OccurredAt, recorded, HoldingHistory.FillOf(e)));
                break;
            case HoldingSplit e:
                SplitOrder.InsertSplit(
                    facts,
                    new Fact(e.OccurredAt, recorded, null),
                    fact => fact.IsOf(e.Symbol) ? fact.OccurredAt : null);
                Rename(e.TradeIds);
                break;
            case FundingRestated e:
                Amend(e, recorded);
                break;
            case CashAccountOpened e:
                // What moved that currency may have its place before what was recorded earlier.
                var first = facts.FindIndex(fact => !IsOpening(fact));
                facts.Insert(first < 0 ? facts.Count : first, new Fact(e.OccurredAt, recorded, null));
                break;
            case CashMoved or LotsPooled or PortfolioEvent:
                facts.Add(new Fact(recorded.Event.OccurredAt, recorded, null));
                break;
        }
    }

    /// <summary>Whether an event changes what positions, cash and profits are.</summary>
    public static bool IsFact(LedgerEvent happened) => happened is HoldingEvent or CashMoved or FundingRestated;

    /// <param name="start">The state that the events follow; null where they are all.</param>
    /// <returns>Null where there is nothing: no event that opened the portfolio.</returns>
    public Portfolio? Book(Portfolio? start, RebookingTerms terms)
    {
        trades.Clear();
        var state = start is null ? null : start with
        {
            Orders = start.Orders.Clear(), ReservedCash = 0, ReservedShares = start.ReservedShares.Clear(),
            OtherCash = start.OtherCash.ToImmutableDictionary(o => o.Key, o => o.Value with { Reserved = 0 }),
        };
        foreach (var (symbol, holding) in start?.Holdings ?? ImmutableDictionary<string, Holding>.Empty)
            holdingIds.TryAdd(symbol, holding.HoldingId);
        foreach (var fact in Ordered(terms))
            state = Book(state, fact, terms.LotMethod);
        return state;
    }

    private IEnumerable<Fact> Ordered(RebookingTerms terms)
    {
        var due = facts.Where(fact => terms.Until is not { } until || fact.OccurredAt <= until || IsOpening(fact));
        // A portfolio is often opened here long after what it holds was bought. The sort keeps the recorded order of
        // what occurred together, but for splits: what occurs when one is effective is of the new shares.
        return terms.AsOccurred
            ? due.OrderBy(fact => IsOpening(fact) ? DateTimeOffset.MinValue : fact.OccurredAt)
                .ThenBy(fact => !fact.IsSplit)
            : due;
    }

    private static bool IsOpening(Fact fact) => fact.Recorded.Event is PortfolioOpened or CashAccountOpened;

    private Portfolio? Book(Portfolio? state, Fact fact, LotMethod? method)
    {
        if (fact.Fill is { } fill)
        {
            return Book(state!, fact.Recorded, method is { } other
                ? fill with { Method = other, Lots = other == LotMethod.SPECIFIC ? fill.Lots : [] }
                : fill);
        }
        if (fact.Recorded.Event is HoldingSplit split)
            return Book(state!, fact.Recorded, split);
        // Pooled were the lots of another method, or of a holding that was not there yet.
        return fact.Recorded.Event is LotsPooled pooled
            && (method is not (null or LotMethod.AVERAGE) || !state!.Holdings.ContainsKey(pooled.Symbol))
                ? state
                : Portfolio.Evolve(state, fact.Recorded);
    }

    private Portfolio Book(Portfolio state, Recorded recorded, Fill fill)
    {
        var filled = (HoldingEvent)recorded.Event;
        if (Booking.Pool(state.PositionIn(fill.Symbol), fill) is { } pooled)
            state = Portfolio.Evolve(state, recorded with { Event = pooled });
        holdingIds.TryAdd(fill.Symbol, filled.HoldingId);
        foreach (var happened in Booking.Book(state.PositionIn(fill.Symbol), fill, kind => NextId(kind, fill)))
        {
            state = Portfolio.Evolve(state, recorded with { Event = happened });
            if (happened is TradeEvent e)
                trades[e.TradeId] = state.Trades[fill.Symbol];
        }
        return state;
    }

    private Portfolio Book(Portfolio state, Recorded recorded, HoldingSplit split)
    {
        foreach (var happened in Booking.Divide(state.PositionIn(split.Symbol), split.ToSplit()))
        {
            state = Portfolio.Evolve(state, recorded with { Event = happened });
            if (happened is TradeEvent e)
                trades[e.TradeId] = state.Trades[split.Symbol];
        }
        return state;
    }

    // A round trip keeps its id where the fill that opens it belonged to one that is not taken yet.
    private int NextId(IdKind kind, Fill fill) => kind switch
    {
        IdKind.Holding => holdingIds[fill.Symbol],
        IdKind.Trade when fill.TradeId is { } known && !trades.ContainsKey(known) => known,
        _ => --inventedId,
    };

    // The fill that is amended may lie before the state that is begun with, or after what is asked for; then it is
    // there under its corrected terms only.
    private void Amend(HoldingRestated e, Recorded recorded)
    {
        var at = facts.FindIndex(fact => fact.Fill?.TransactionId == e.TransactionId);
        var old = at < 0 ? null : facts[at];
        if (e.Corrected is { } fill)
        {
            var fact = new Fact(
                fill.OccurredAt,
                old?.Recorded ?? recorded,
                fill with { TradeId = old?.Fill?.TradeId ?? fill.TradeId, Lots = old?.Fill?.Lots ?? fill.Lots });
            if (at < 0)
                SplitOrder.InsertFill(facts, fact, fact.OccurredAt, SplitAt);
            else
                SplitOrder.ReplaceFill(facts, at, fact, fact.OccurredAt, SplitAt);
        }
        else if (at >= 0)
        {
            facts.RemoveAt(at);
        }
        Rename(e.TradeIds);

        DateTimeOffset? SplitAt(Fact fact) => fact.IsSplit && fact.IsOf(e.Symbol) ? fact.OccurredAt : null;
    }

    private void Amend(FundingRestated e, Recorded recorded)
    {
        var at = facts.FindIndex(fact => fact.Recorded.Event is CashMoved moved && moved.FundingId == e.FundingId);
        if (e.Corrected is not { } terms)
        {
            if (at >= 0)
                facts.RemoveAt(at);
            return;
        }
        var moved = recorded with { Event = terms.ToEvent(e.PortfolioId, e.FundingId) };
        if (at < 0)
            facts.Add(new Fact(terms.OccurredAt, moved, null));
        else
            facts[at] = new Fact(terms.OccurredAt, facts[at].Recorded with { Event = moved.Event }, null);
    }

    private void Rename(ImmutableDictionary<int, int>? tradeIds)
    {
        for (var i = 0; tradeIds is not null && i < facts.Count; i++)
        {
            if (facts[i].Fill is { } fill && tradeIds.TryGetValue(fill.TransactionId, out var id))
                facts[i] = facts[i] with { Fill = fill with { TradeId = id } };
        }
    }
}
