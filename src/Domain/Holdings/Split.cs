using System.Collections.Immutable;

namespace Bifrost.Domain.Holdings;

/// <summary>
/// A split of shares: each <paramref name="Denominator"/> of them become <paramref name="Numerator"/>. 2 and 1 is a
/// split two for one, 1 and 10 a reverse split, 21 and 20 a stock dividend of five percent.
/// </summary>
/// <param name="EffectiveAt">From then on quantities and prices are of the new shares.</param>
public sealed record Split(DateTimeOffset EffectiveAt, int Numerator, int Denominator)
{
    /// <summary>Terms are at most this, so that a quantity times one of them is exact.</summary>
    public const int LargestTerm = 1_000_000;

    public string Ratio => $"{Numerator} for {Denominator}";

    /// <summary>
    /// What shares become. They never become none, so that no cost is left with nothing that bears it.
    /// </summary>
    public decimal Shares(decimal before)
    {
        var shares = Rounded(before, before);
        return shares == 0 ? Math.Sign(before) * Money.Unit(Money.DecimalsOf(before)) : shares;
    }

    /// <summary>
    /// What lots become. Shares are rounded once, for all of them together, so that a position does not depend on the
    /// lots it is in; each lot gets what the running total grows by. Cost stays, but for that of a lot that gets none:
    /// the next lot bears it, or the last.
    /// </summary>
    public ImmutableArray<Lot> Lots(ImmutableList<Lot> before)
    {
        var divided = ImmutableArray.CreateBuilder<Lot>(before.Count);
        var held = before.Sum(lot => lot.Quantity);
        var all = Shares(held);
        var (soFar, given, cost, baseCost) = (0m, 0m, 0m, (decimal?)0m);
        foreach (var (index, lot) in before.Index())
        {
            (soFar, cost, baseCost) = (soFar + lot.Quantity, cost + lot.Cost, baseCost + lot.BaseCost);
            var total = index == before.Count - 1 ? all : Rounded(soFar, held);
            if (total == given)
                continue;
            divided.Add(lot with { Quantity = total - given, Cost = cost, BaseCost = baseCost });
            (given, cost, baseCost) = (total, 0, 0);
        }
        if (cost != 0 || baseCost is not (null or 0))
        {
            var last = divided[^1];
            divided[^1] = last with { Cost = last.Cost + cost, BaseCost = last.BaseCost + baseCost };
        }
        return divided.ToImmutable();
    }

    /// <summary>The price of one new share: for a mark, not for money.</summary>
    public decimal Price(decimal before) => Money.Normalize(
        decimal.Round(before * Denominator / Numerator, Money.DecimalsOf(before), MidpointRounding.ToEven));

    public bool IsSameRatio(Split other) =>
        (long)Numerator * other.Denominator == (long)other.Numerator * Denominator;

    // What does not fit is refused as it is; split again and again it may become more than a decimal holds.
    private decimal Rounded(decimal before, decimal held) =>
        Money.Fits(before) ? Money.ToShares(before * Numerator / Denominator, held) : before;
}
