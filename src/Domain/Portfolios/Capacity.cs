using System.Collections.Immutable;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Trades;

namespace Bifrost.Domain.Portfolios;

/// <summary>Whether every sum that the ledger keeps stays below the limit up to which it is exact.</summary>
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
            after = Portfolio.Evolve(after, new Recorded(happened, p.UpdatedAt));
            if (happened is TradeRestated restated && !Fits(restated.Trade))
                return false;
        }
        return Fit(after.Cash, after.ReservedCash, after.RealizedPnl, after.InitialCapital)
            && events.OfType<HoldingEvent>().All(e => Fits(after.Holdings[e.Symbol]))
            && events.OfType<TradeFilled>().All(e => Fits(after.Trades[e.Symbol]));
    }

    private static bool IsFar(Portfolio p, LedgerEvent happened) => happened switch
    {
        CashMoved e => IsFar(e.Amount),
        FundingRestated => false,
        HoldingRebooked => false,
        HoldingFilled e => IsFar(e.Quantity, e.Gross, e.CashAmount)
            && (p.Holdings.GetValueOrDefault(e.Symbol) is not { } h || IsFar(h.Quantity, h.CostBasis, h.RealizedPnl)),
        TradeFilled e => p.Trades.GetValueOrDefault(e.Symbol) is not { } t
            || (IsFar(t.EntryQuantity, t.EntryAmount, t.RealizedPnl) && IsFar(t.ExitAmount, t.Commission, t.Tax)),
        _ => true,
    };

    private static bool IsFar(params ReadOnlySpan<decimal> amounts)
    {
        foreach (var amount in amounts)
        {
            if (Math.Abs(amount) >= Far)
                return false;
        }
        return true;
    }

    private static bool Fits(Holding h) => Fit(h.Quantity, h.CostBasis, h.RealizedPnl);

    private static bool Fits(Trade t) =>
        Fit(t.EntryQuantity, t.EntryAmount, t.ExitAmount, t.Commission, t.Tax, t.RealizedPnl);

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
