using System.Collections.Immutable;

namespace Bifrost.Domain.Orders;

public static class LotPicks
{
    /// <summary>The first picks, up to <paramref name="quantity"/> shares.</summary>
    public static ImmutableArray<LotPick> Take(ImmutableArray<LotPick> picks, decimal quantity)
    {
        var taken = ImmutableArray.CreateBuilder<LotPick>();
        foreach (var pick in picks)
        {
            if (quantity <= 0)
                break;
            taken.Add(pick with { Quantity = Math.Min(pick.Quantity, quantity) });
            quantity -= pick.Quantity;
        }
        return taken.ToImmutable();
    }

    /// <summary>What is left of the picks after the first <paramref name="quantity"/> shares.</summary>
    public static ImmutableArray<LotPick> Use(ImmutableArray<LotPick> picks, decimal quantity)
    {
        if (picks.IsEmpty)
            return picks;
        var left = ImmutableArray.CreateBuilder<LotPick>();
        foreach (var pick in picks)
        {
            var used = Math.Min(pick.Quantity, quantity);
            quantity -= used;
            if (pick.Quantity > used)
                left.Add(pick with { Quantity = pick.Quantity - used });
        }
        return left.ToImmutable();
    }
}
