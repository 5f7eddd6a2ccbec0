using System.Collections.Immutable;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Trades;

namespace Bifrost.Domain.Portfolios;

/// <summary>Whether every sum that the ledger keeps fits, and so is exact; see <see cref="Money"/>.</summary>
public static class Capacity
{
    // Sums below this cannot leave the limit by one decision whose own amounts are below it.
    private const decimal Far = Money.Limit / 4;

    public static bool Holds(Portfolio p, ImmutableArray<LedgerEvent> events)
    {
        if (IsFar(p.Cash, p.RealizedPnl, p.InitialCapital) && events.All(e => IsFar(p, e)))
            return true;
        // Near the limit only the outcome can tell: a sale makes a large position smaller.
        var after = p;
        foreach (var happened in events)
        {
            var before = after;
            after = Portfolio.Evolve(after, new Recorded(happened, p.UpdatedAt));
            var fits = happened switch
            {
                HoldingEvent e => Fits(before.Holdings.GetValueOrDefault(e.Symbol), e, after.Holdings[e.Symbol]),
                TradeRestated e => Fits(e.Trade),
                TradeFilled e => Fits(after.Trades[e.Symbol]),
                OrderEvent e => Fits(after, after.Orders[e.OrderId]),
                _ => true,
            };
            if (!fits)
                return false;
        }
        return Fit(after.Cash, after.ReservedCash, after.RealizedPnl, after.InitialCapital)
            && after.OtherCash.Values.All(other => Fit(other.Balance, other.Reserved));
    }

    /// <summary>Whether what an event made of a holding fits, and each sum on the way there.</summary>
    public static bool Fits(Holding? before, HoldingEvent happened, Holding after) =>
        Fit(after.Quantity, after.CostBasis, after.RealizedPnl)
        && (after.InBase is not { } pnl || Fit(pnl.Realized, pnl.Fx, after.BaseCostBasis ?? 0))
        && (happened is not LotsMatched e || Fits(before!, e))
        && (happened is not HoldingRebooked r || Fit(r.QuantityChange, r.CostChange, r.RealizedPnlChange));

    public static bool Fits(Trade t) =>
        Fit(t.EntryQuantity, t.EntryAmount, t.ExitQuantity, t.ExitAmount, t.OpenQuantity)
        && Fit(t.Commission, t.Tax, t.RealizedPnl);

    private static bool Fits(Holding before, LotsMatched happened)
    {
        var (quantity, cost, realized) = (before.Quantity, before.CostBasis, before.RealizedPnl);
        foreach (var match in happened.Matches)
        {
            (quantity, cost) = (quantity - match.Quantity, cost - match.Cost);
            realized += match.RealizedPnl;
            if (!Fit(match.Cost, match.Proceeds, match.RealizedPnl, quantity, cost) || !Fit(realized))
                return false;
        }
        return happened.Opened is not { } opened || Fit(opened.Quantity, opened.Cost);
    }

    private static bool Fits(Portfolio p, Order o) =>
        Fit(o.Quantity, o.FilledQuantity, o.Unfilled, p.ReservedShares.GetValueOrDefault(o.Symbol));

    private static bool IsFar(Portfolio p, LedgerEvent happened) => happened switch
    {
        CashMoved { Currency: null } e and not CashExchanged => IsFar(e.Amount),
        CashMoved or HoldingFilled { Currency: not null } or HoldingFilled { FeeCurrency: not null } => false,
        FundingRestated => false,
        HoldingRebooked => false,
        HoldingFilled e => IsFar(e.Quantity, e.Gross, e.CashAmount, e.Commission, e.Tax)
            && (p.Holdings.GetValueOrDefault(e.Symbol) is not { } h || IsFar(h.Quantity, h.CostBasis, h.RealizedPnl)),
        TradeFilled e => p.Trades.GetValueOrDefault(e.Symbol) is not { } t
            || (IsFar(t.EntryQuantity, t.EntryAmount, t.RealizedPnl) && IsFar(t.ExitAmount, t.Commission, t.Tax)),
        OrderTermsEvent e => IsFar(e.Quantity, p.ReservedShares.GetValueOrDefault(e.Symbol)),
        OrderExecuted e => IsFar(e.Quantity) && p.Orders[e.OrderId] is var o && IsFar(o.Quantity, o.FilledQuantity),
        OrderReplaced e => IsFar(e.Quantity) && IsFar(p.Orders[e.OrderId].FilledQuantity),
        ExecutionCorrected or ExecutionBusted => false,
        _ => true,
    };

    private static bool IsFar(params ReadOnlySpan<decimal> amounts)
    {
        foreach (var amount in amounts)
        {
            if (amount.Scale > Money.SafeDecimals || Math.Abs(amount) >= Far)
                return false;
        }
        return true;
    }

    private static bool Fit(params ReadOnlySpan<decimal> amounts)
    {
        foreach (var amount in amounts)
        {
            if (!Money.Fits(amount))
                return false;
        }
        return true;
    }
}
