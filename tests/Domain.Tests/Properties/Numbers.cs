using FsCheck;
using FsCheck.Fluent;

namespace Bifrost.Domain.Tests;

/// <summary>Quantities, prices and fees of up to eight decimals, and round ones, which meet oftener.</summary>
internal static class Numbers
{
    private const decimal Smallest = 0.000_000_01m;

    public static readonly Gen<decimal> Quantity = Gen.Frequency(
        (6, Gen.Choose(1, 40).Select(n => (decimal)n)),
        (3, Gen.Choose(1, 2_000_000_000).Select(n => n * Smallest)),
        (1, Gen.Choose(1, 9).Select(n => n * Smallest)));

    public static readonly Gen<decimal> Price = Gen.Frequency(
        (5, Gen.Choose(1, 50_000).Select(n => n * 0.01m)),
        (4, Gen.Choose(1, 2_000_000_000).Select(n => n * 0.000_001_01m)),
        (1, Gen.Choose(1, 2_000_000_000).Select(n => n * Smallest)));

    public static readonly Gen<decimal> Fee = Gen.Frequency(
        (3, Gen.Constant(0m)),
        (3, Gen.Choose(0, 1_000).Select(n => n * 0.01m)),
        (1, Gen.Choose(-500, -1).Select(n => n * 0.01m)),
        (1, Gen.Choose(0, 100_000_000).Select(n => n * Smallest)));

    public static readonly Gen<int> Days = Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(-5, 0)));

    public static readonly Gen<OrderSide> Side = Gen.Elements(OrderSide.BUY, OrderSide.SELL);

    public static readonly Gen<LotMethod> Method = Gen.Elements(Enum.GetValues<LotMethod>());

    /// <summary>Numbers that read easier and may fail as well.</summary>
    public static IEnumerable<decimal> Simpler(decimal number)
    {
        decimal[] candidates = [1, 10, decimal.Truncate(number), decimal.Round(number, 2)];
        return candidates.Where(c => c > 0 && c < number).Distinct();
    }

    /// <summary>The list without a stretch of it: halves first, single steps last.</summary>
    public static IEnumerable<IEnumerable<T>> Shorter<T>(IReadOnlyList<T> list)
    {
        for (var length = list.Count / 2; length >= 1; length /= 2)
        {
            for (var at = 0; at + length <= list.Count; at += length)
                yield return list.Take(at).Concat(list.Skip(at + length));
        }
    }
}
