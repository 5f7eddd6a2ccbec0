using System.Collections.Immutable;

namespace Bifrost.Domain.Holdings;

/// <summary>Shares acquired together. A short lot has a quantity and a cost below zero.</summary>
/// <param name="LotId">The transaction that opened it.</param>
/// <param name="OpenedAt">The acquisition date.</param>
/// <param name="Quantity">Shares still open.</param>
/// <param name="Cost">Exact cost of those, in the holding's currency, with the fees of the purchase.</param>
public sealed record Lot(int LotId, DateTimeOffset OpenedAt, decimal Quantity, decimal Cost)
{
    /// <summary>
    /// The cost in the portfolio's currency at the rate of then, with twelve decimals, where the holding is in another
    /// and the rate was known.
    /// </summary>
    public decimal? BaseCost { get; init; }
}

/// <summary>What a holding in another currency realized in the portfolio's own.</summary>
/// <param name="Realized">Proceeds at the rate of the sale less cost at that of the purchase.</param>
/// <param name="Fx">The part of it that came of the rate: cost at the rate of the sale less the same.</param>
/// <param name="IsWhole">Whether all rates were known; else it is of what was.</param>
public sealed record BasePnl(decimal Realized, decimal Fx, bool IsWhole)
{
    public static readonly BasePnl None = new(0, 0, true);

    public BasePnl With(LotMatch match) => match is { BaseProceeds: { } proceeds, BaseCost: { } cost, FxPnl: { } fx }
        ? this with { Realized = Realized + proceeds - cost, Fx = Fx + fx }
        : this with { IsWhole = false };
}

/// <summary>The position of a portfolio in one symbol.</summary>
public sealed record Holding
{
    public required int HoldingId { get; init; }

    public required string Symbol { get; init; }

    /// <summary>The code of what cost and profits are in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    /// <summary>What was realized in the portfolio's currency; null where that is the holding's.</summary>
    public BasePnl? InBase { get; init; }

    /// <summary>Open lots, oldest acquisition first.</summary>
    public ImmutableList<Lot> Lots { get; init; } = [];

    public decimal Quantity { get; init; }

    public decimal CostBasis { get; init; }

    /// <summary>Net of all fees, over the life of the holding.</summary>
    public decimal RealizedPnl { get; init; }

    /// <summary>Splits of its shares, in the order in which they were effective.</summary>
    public ImmutableList<Split> Splits { get; init; } = [];

    /// <summary>
    /// Price of the fill that occurred last, in today's shares: the last known price where no market price is.
    /// </summary>
    public decimal LastPrice { get; init; }

    /// <summary>When that fill occurred.</summary>
    public DateTimeOffset LastPriceAt { get; init; }

    /// <summary>
    /// What one of the quantity is worth at a price of one, by the fill that became known last; null for one.
    /// </summary>
    public decimal? Multiplier { get; init; }

    /// <summary>Set where a fill had a price with more decimals than is usual: what is shown has all of them.</summary>
    public bool? IsFinelyPriced { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Events of the holding's stream.</summary>
    public long Version { get; init; }

    /// <summary>Realized P&amp;L in the portfolio's currency, as far as rates were known.</summary>
    public decimal KnownRealizedPnl => InBase?.Realized ?? RealizedPnl;

    /// <summary>The cost basis in the portfolio's currency; null where a rate was not known.</summary>
    public decimal? BaseCostBasis => Currency is null ? CostBasis
        : Lots.Exists(lot => lot.BaseCost is null) ? null
        : Lots.Sum(lot => lot.BaseCost);

    public static Holding Evolve(Holding? state, HoldingEvent happened, DateTimeOffset recordedAt)
    {
        var next = (state?.Priced(happened), happened) switch
        {
            (null, LotOpened e) => First(e).Open(e, Signed(e), e.Cost, e.BaseCost),
            ({ } h, LotOpened e) when Math.Sign(h.Quantity) * Math.Sign(Signed(e)) >= 0 =>
                h.Open(e, Signed(e), e.Cost, e.BaseCost),
            ({ } h, LotsMatched e) => h.Close(e),
            ({ } h, LotsPooled) => h.Pool(),
            ({ } h, HoldingRestated e) => h.Rebook(e),
            ({ } h, HoldingSplit e) => h.Rebook(e) with { Splits = Insert(h.Splits, e.ToSplit()) },
            // A ledger never skips history it does not understand.
            _ => throw new InvalidHistoryException(happened, state is null ? "no holding" : $"{state.Quantity} shares"),
        };
        return next with { UpdatedAt = recordedAt, Version = (state?.Version ?? 0) + 1 };
    }

    /// <summary>Whether something of that time was before a split that the holding has been through.</summary>
    public bool IsBeforeSplit(DateTimeOffset at) => Splits is [.., var last] && at < last.EffectiveAt;

    /// <summary>What shares of that time are today.</summary>
    public decimal SharesToday(decimal quantity, DateTimeOffset at) => Splits
        .Where(split => at < split.EffectiveAt)
        .Aggregate(quantity, (shares, split) => split.Shares(shares));

    /// <summary>What a price that was told at that time is for a share of today.</summary>
    public decimal PriceToday(decimal price, DateTimeOffset at) => Splits
        .Where(split => at <= split.EffectiveAt)
        .Aggregate(price, (told, split) => split.Price(told));

    private static decimal Signed(LotOpened e) => e.Side == OrderSide.BUY ? e.Quantity : -e.Quantity;

    private static Holding First(LotOpened e) =>
        new Holding
        {
            HoldingId = e.HoldingId, Symbol = e.Symbol, CreatedAt = e.OccurredAt, Currency = e.Currency,
            InBase = e.Currency is null ? null : BasePnl.None,
        }.Priced(e);

    private Holding Priced(HoldingEvent happened)
    {
        var (price, multiplier) = happened switch
        {
            HoldingFilled e => (e.Price, e.Multiplier),
            HoldingRestated { Corrected: { } fill } => (fill.Price, Multiplier),
            _ => (LastPrice, Multiplier),
        };
        return multiplier == Multiplier && (IsFinelyPriced == true || !Money.IsFine(price))
            ? this
            : this with { Multiplier = multiplier, IsFinelyPriced = Money.IsFine(price) ? true : IsFinelyPriced };
    }

    private Holding Open(HoldingFilled fill, decimal quantity, decimal cost, decimal? baseCost)
    {
        var lot = new Lot(fill.TransactionId, fill.OccurredAt, quantity, cost) { BaseCost = baseCost };
        var next = this with
        {
            Lots = Insert(Lots, lot),
            Quantity = Quantity + quantity,
            CostBasis = CostBasis + cost,
        };
        next = next.Price(fill);
        return fill.Method == LotMethod.AVERAGE ? next.Pool() : next;
    }

    private Holding Close(LotsMatched e)
    {
        var next = this;
        foreach (var match in e.Matches)
            next = next.Take(match, e);
        next = next.Price(e);
        return e.Opened is { } crossed ? next.Open(e, crossed.Quantity, crossed.Cost, crossed.BaseCost) : next;
    }

    private Holding Price(HoldingFilled fill) =>
        fill.IsLate == true ? this : this with { LastPrice = fill.Price, LastPriceAt = fill.OccurredAt };

    private Holding Take(LotMatch match, LotsMatched e)
    {
        var at = Lots.FindIndex(lot => lot.LotId == match.LotId);
        if (at < 0)
            throw new InvalidHistoryException(e, $"lots without {match.LotId}");
        var lot = Lots[at];
        var left = lot with
        {
            Quantity = lot.Quantity - match.Quantity, Cost = lot.Cost - match.Cost,
            BaseCost = lot.BaseCost - match.BaseCost,
        };
        if (Math.Sign(left.Quantity) * Math.Sign(lot.Quantity) < 0 || (left.Quantity == 0 && left.Cost != 0))
            throw new InvalidHistoryException(e, $"lot {lot}");
        return this with
        {
            Lots = left.Quantity == 0 ? Lots.RemoveAt(at) : Lots.SetItem(at, left),
            Quantity = Quantity - match.Quantity,
            CostBasis = CostBasis - match.Cost,
            RealizedPnl = RealizedPnl + match.RealizedPnl,
            InBase = InBase?.With(match),
        };
    }

    public Holding Pool() => Lots.Count < 2
        ? this
        : this with
        {
            Lots =
            [
                Lots[0] with
                {
                    Quantity = Quantity, Cost = CostBasis, BaseCost = Currency is null ? null : BaseCostBasis,
                },
            ],
        };

    private Holding Rebook(HoldingRebooked e) => this with
    {
        Lots = LotsAfter(e),
        Quantity = Quantity + e.QuantityChange,
        CostBasis = CostBasis + e.CostChange,
        RealizedPnl = e.RealizedPnl,
        InBase = e.InBase ?? InBase,
        LastPrice = e.LastPrice ?? LastPrice,
        LastPriceAt = e.LastPriceAt ?? LastPriceAt,
    };

    // Whoever says neither has said nothing of the lots, and no lots are not what a holding without a word has.
    private ImmutableList<Lot> LotsAfter(HoldingRebooked e)
    {
        if (e.Lots is { } all)
            return [.. all];
        try
        {
            return e.LotChanges is { } changes
                ? LotChanges.Apply(Lots, changes)
                : throw new InvalidHistoryException(e, "a holding whose lots it does not tell");
        }
        catch (ArgumentException)
        {
            throw new InvalidHistoryException(e, $"{Lots.Count} lots");
        }
    }

    // Backdated fills find their place by date; the usual fill is the newest and goes to the end.
    private static ImmutableList<Lot> Insert(ImmutableList<Lot> lots, Lot lot)
    {
        var at = lots.Count;
        while (at > 0 && lots[at - 1].OpenedAt > lot.OpenedAt)
            at--;
        return lots.Insert(at, lot);
    }

    private static ImmutableList<Split> Insert(ImmutableList<Split> splits, Split split) =>
        splits.Insert(splits.FindLastIndex(earlier => earlier.EffectiveAt <= split.EffectiveAt) + 1, split);
}
