using System.Collections.Immutable;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Bifrost.Domain.Tests;

internal sealed record Traded(OrderSide Side, decimal Quantity, decimal Price, decimal Fee, decimal Tax, int Days)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"\n  {Side} {Quantity} at {Price} fee {Fee} tax {Tax} days {Days}");
}

/// <summary>Fills of one symbol; <see cref="Picks"/> chooses which of them are amended.</summary>
internal sealed record Fills(ImmutableArray<Traded> List, ImmutableArray<int> Picks)
{
    public static Arbitrary<Fills> Any { get; } = Arb.From(
        from list in OneGen.NonEmptyListOf().Resize(14)
        from picks in Gen.Choose(0, 1_000).ListOf(3)
        select new Fills([.. list], [.. picks]),
        Shrink);

    private static Gen<Traded> OneGen =>
        from side in Numbers.Side
        from quantity in Numbers.Quantity
        from price in Numbers.Price
        from fee in Numbers.Fee
        from tax in Numbers.Fee
        from days in Numbers.Days
        select new Traded(side, quantity, price, fee, tax, days);

    public int Picked(int which) => Picks[which] % List.Length;

    public Fills With(int index, Traded? instead) =>
        this with { List = instead is null ? List.RemoveAt(index) : List.SetItem(index, instead) };

    public override string ToString() => $"picks {string.Join(' ', Picks)}:{string.Concat(List)}";

    private static IEnumerable<Fills> Shrink(Fills fills)
    {
        foreach (var list in Numbers.Shorter(fills.List))
        {
            if (list.Any())
                yield return fills with { List = [.. list] };
        }
        for (var at = 0; at < fills.List.Length; at++)
        {
            var one = fills.List[at];
            if (one.Fee + one.Tax != 0)
                yield return fills.With(at, one with { Fee = 0, Tax = 0 });
            if (one.Days != 0)
                yield return fills.With(at, one with { Days = 0 });
            foreach (var quantity in Numbers.Simpler(one.Quantity))
                yield return fills.With(at, one with { Quantity = quantity });
            foreach (var price in Numbers.Simpler(one.Price))
                yield return fills.With(at, one with { Price = price });
        }
    }
}
