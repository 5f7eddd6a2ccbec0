using System.Collections.Immutable;
using Bifrost.Domain.Orders;

namespace Bifrost.Domain.Holdings;

/// <summary>Chooses the lots that a fill closes.</summary>
public static class LotMatching
{
    /// <summary>
    /// Matches <paramref name="closing"/>, whose quantity is at most what is open, against the lots: those that it
    /// names first, then by its method.
    /// </summary>
    /// <returns>Matches whose quantities, costs and proceeds add up exactly to what is closed.</returns>
    public static ImmutableArray<LotMatch> Match(Holding holding, Fill closing)
    {
        var takes = Choose(holding, closing);
        var matches = ImmutableArray.CreateBuilder<LotMatch>(takes.Count);
        var (valueLeft, quantityLeft, baseLeft) = (closing.Value, closing.Quantity, closing.InBase(closing.Value));
        foreach (var (lot, quantity) in takes)
        {
            // The last match takes what is left of the proceeds, so that no rounding is lost.
            var proceeds = Money.Share(valueLeft, quantity, quantityLeft);
            var signed = lot.Quantity < 0 ? -quantity : quantity;
            var cost = Money.Share(lot.Cost, signed, lot.Quantity);
            var match = new LotMatch(lot.LotId, signed, cost, proceeds);
            if (closing.Currency is not null)
            {
                var baseCost = lot.BaseCost is { } all ? Money.Share(all, signed, lot.Quantity) : (decimal?)null;
                match = match with
                {
                    BaseCost = baseCost,
                    BaseProceeds = baseLeft is { } left ? Money.Share(left, quantity, quantityLeft) : null,
                    FxPnl = closing.InBase(cost) - baseCost,
                };
                baseLeft -= match.BaseProceeds;
            }
            matches.Add(match);
            valueLeft -= proceeds;
            quantityLeft -= quantity;
        }
        return matches.ToImmutable();
    }

    private static List<(Lot Lot, decimal Quantity)> Choose(Holding holding, Fill closing)
    {
        var takes = new List<(Lot Lot, decimal Quantity)>();
        var wanted = closing.Quantity;
        var named = Named(holding.Lots, closing.Lots);
        foreach (var (lot, quantity) in named)
            Take(lot, quantity);
        foreach (var lot in InOrder(holding.Lots, closing.Method))
        {
            if (wanted == 0)
                break;
            var used = named.Where(n => n.Lot.LotId == lot.LotId).Sum(n => n.Quantity);
            Take(lot, Math.Abs(lot.Quantity) - used);
        }
        if (wanted != 0)
            throw new ArgumentException($"{wanted} more than the lots of {holding.Symbol} hold.", nameof(closing));
        return Merge(takes);

        void Take(Lot lot, decimal available)
        {
            var quantity = Math.Min(available, wanted);
            if (quantity > 0)
                takes.Add((lot, quantity));
            wanted -= Math.Max(quantity, 0);
        }
    }

    // A named lot may be gone by the time of the fill, or hold less than was named: what it lacks goes by the method.
    private static List<(Lot Lot, decimal Quantity)> Named(ImmutableList<Lot> lots, ImmutableArray<LotPick> picks)
    {
        var named = new List<(Lot Lot, decimal Quantity)>();
        foreach (var pick in picks)
        {
            if (lots.Find(lot => lot.LotId == pick.LotId) is not { } lot)
                continue;
            var used = named.Where(n => n.Lot.LotId == lot.LotId).Sum(n => n.Quantity);
            named.Add((lot, Math.Min(pick.Quantity, Math.Abs(lot.Quantity) - used)));
        }
        return named;
    }

    private static IEnumerable<Lot> InOrder(ImmutableList<Lot> lots, LotMethod method) => method switch
    {
        LotMethod.FIFO or LotMethod.SPECIFIC or LotMethod.AVERAGE => lots,
        LotMethod.LIFO => lots.Reverse(),
        // Cost per share carries the lot's own sign twice, so it is above zero for long and short lots alike; a short
        // lot gains least where it was sold lowest.
        LotMethod.HIFO => lots.Count > 0 && lots[0].Quantity < 0
            ? lots.OrderBy(lot => Money.Each(lot.Cost, lot.Quantity))
            : lots.OrderByDescending(lot => Money.Each(lot.Cost, lot.Quantity)),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "Not a lot method."),
    };

    // A lot that was both named and met again in order is one match.
    private static List<(Lot Lot, decimal Quantity)> Merge(List<(Lot Lot, decimal Quantity)> takes) =>
        takes.Count < 2
            ? takes
            : [.. takes.GroupBy(t => t.Lot.LotId).Select(g => (g.First().Lot, g.Sum(t => t.Quantity)))];
}
