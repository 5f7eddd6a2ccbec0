using Bifrost.Domain;
using Bifrost.Domain.Holdings;

namespace Bifrost.Audit.Exporting;

/// <summary>A change of one lot in a journal.</summary>
/// <param name="Quantity">Shares that it adds; below zero to take away.</param>
/// <param name="UnitCost">What identifies the lot, with its date and label: the same until the lot is gone.</param>
internal readonly record struct LotPosting(int LotId, decimal Quantity, decimal UnitCost, DateOnly Date)
{
    public decimal Weight => Quantity * UnitCost;
}

/// <summary>The lots of one holding as the journal has them.</summary>
/// <remarks>
/// Beancount knows the cost of a lot by the share, and weighs a posting as shares times that, in 28 digits. A lot's
/// exact cost need not be such a product: the cost of a share may have no end of digits, and parts of a lot bear
/// rounded shares of its cost. So a lot is booked at its cost per share with eight decimals, or with as many as times
/// its quantity are exact in 28 digits, and what the lot's exact cost is beyond that is posted beside it, to the last
/// digit; see <see cref="Beyond"/>. A part of a lot that weighs more digits than that makes the lot anew.
/// </remarks>
internal sealed class BeancountLots
{
    private const int CostDecimals = 8;

    private readonly Dictionary<int, Booked> booked = [];

    private readonly record struct Booked(decimal Quantity, decimal UnitCost, DateOnly Date, decimal Cost);

    /// <summary>The exact cost of the lots beyond what their shares weigh at cost.</summary>
    public decimal Beyond => booked.Values.Sum(lot => lot.Cost - lot.Quantity * lot.UnitCost);

    /// <summary>Makes the lots what they are now.</summary>
    /// <param name="isMatch">Whether lots were closed in part, and what is left of them stays as it was booked.</param>
    /// <returns>What has to be posted, what is taken away first.</returns>
    public IReadOnlyList<LotPosting> Become(IReadOnlyList<Lot> lots, bool isMatch)
    {
        var (now, postings) = (lots.ToDictionary(lot => lot.LotId), new List<LotPosting>());
        foreach (var (id, was) in booked.ToList())
        {
            var lot = now.GetValueOrDefault(id);
            if (lot is not null && (lot.Quantity, lot.Cost, Opened(lot)) == (was.Quantity, was.Cost, was.Date))
                continue;
            var stays = isMatch && lot is not null && IsExact(lot.Quantity, was.UnitCost)
                && IsExact(lot.Quantity - was.Quantity, was.UnitCost);
            var left = stays ? lot!.Quantity : 0;
            postings.Add(new LotPosting(id, left - was.Quantity, was.UnitCost, was.Date));
            if (left == 0)
                booked.Remove(id);
            else
                booked[id] = was with { Quantity = left, Cost = lot!.Cost };
        }
        foreach (var lot in lots.Where(lot => !booked.ContainsKey(lot.LotId)))
        {
            var opened = new Booked(lot.Quantity, UnitCost(lot), Opened(lot), lot.Cost);
            booked.Add(lot.LotId, opened);
            postings.Add(new LotPosting(lot.LotId, opened.Quantity, opened.UnitCost, opened.Date));
        }
        return postings;
    }

    // Beancount knows no cost below zero; the fees of a short sale can make one, and a price below zero.
    private static decimal UnitCost(Lot lot)
    {
        var exact = Math.Max(0, Money.Each(lot.Cost, lot.Quantity));
        var decimals = CostDecimals;
        decimal rounded;
        do
            rounded = Money.Normalize(decimal.Round(exact, decimals, MidpointRounding.ToEven));
        while (!IsExact(lot.Quantity, rounded) && decimals-- > 0);
        return rounded;
    }

    private static bool IsExact(decimal quantity, decimal unitCost) =>
        Money.IsExact(quantity * unitCost, quantity, unitCost) && Money.Fits(quantity * unitCost);

    private static DateOnly Opened(Lot lot) => BeancountNames.DateOf(lot.OpenedAt);
}
