using System.Collections.Immutable;
using Bifrost.Domain.Portfolios;
using Bifrost.Domain.Trades;

namespace Bifrost.Domain.Holdings;

/// <summary>Books a history again from the start, with the same code that booked it first.</summary>
/// <param name="Fits">Whether all that the ledger would have kept on the way fits.</param>
public sealed record Rebooked(
    Holding? Holding,
    decimal Cash,
    ImmutableArray<CashMove> FeeMoves,
    ImmutableDictionary<int, Trade> Trades,
    ImmutableDictionary<int, int> TradeIds,
    bool Fits)
{
    public static Rebooked From(HoldingHistory history, int portfolioId, Currency currency, TakeId nextId)
    {
        var position = new Position(portfolioId, currency, null, null);
        var (cash, trades, ids) = (0m, ImmutableDictionary<int, Trade>.Empty, ImmutableDictionary<int, int>.Empty);
        var (fees, fits) = (ImmutableArray<CashMove>.Empty, true);
        foreach (var step in history.Steps)
        {
            var fill = (step as HoldingStep.Filled)?.Fill;
            if (step is HoldingStep.Pooled || fill?.Method == LotMethod.AVERAGE)
                position = position with { Holding = position.Holding?.Pool() };
            foreach (var e in Book(position, step, kind => Id(kind, fill, trades, nextId)))
            {
                if (e is HoldingFilled filled)
                {
                    cash += filled.CashAmount;
                    fees = filled.ToFill().FeeMove is { } fee ? fees.Add(fee) : fees;
                }
                var before = position.Holding;
                position = Apply(position, e);
                fits &= e is HoldingEvent held
                    ? Capacity.Fits(before, held, position.Holding!)
                    : Capacity.Fits(position.Trade!);
                if (e is TradeEvent)
                    trades = trades.SetItem(position.Trade!.TradeId, position.Trade);
                if (e is TradeOpened opened && opened.TradeId != fill!.TradeId)
                    ids = ids.Add(fill.TransactionId, opened.TradeId);
            }
        }
        return new Rebooked(position.Holding, cash, fees, trades, ids, fits);
    }

    private static ImmutableArray<LedgerEvent> Book(Position position, HoldingStep step, TakeId nextId) => step switch
    {
        HoldingStep.Filled { Fill: var fill } => Booking.Book(position, fill, nextId),
        HoldingStep.Divided { Split: var split } => Booking.Divide(position, split),
        _ => [],
    };

    // A round trip keeps its id where the fill that opens it belonged to one that is not taken yet.
    private static int Id(IdKind kind, Fill? fill, ImmutableDictionary<int, Trade> taken, TakeId nextId) =>
        kind == IdKind.Trade && fill?.TradeId is { } id && !taken.ContainsKey(id) ? id : nextId(kind);

    private static Position Apply(Position position, LedgerEvent happened) => happened switch
    {
        HoldingEvent e => position with { Holding = Holding.Evolve(position.Holding, e, e.OccurredAt) },
        TradeOpened e => position with { Trade = Trade.Evolve(null, e, e.OccurredAt) },
        TradeEvent e => position with { Trade = Trade.Evolve(position.Trade, e, e.OccurredAt) },
        _ => throw new InvalidHistoryException(happened, "a holding"),
    };
}

/// <summary>
/// Turns another history of a holding into facts: the holding becomes what it would be had its history always been so,
/// and the differences are what is recorded.
/// </summary>
public sealed class Restatement
{
    private readonly Portfolio portfolio;
    private readonly HoldingHistory history;
    private readonly Rebooked was;
    private readonly Rebooked now;
    private readonly Holding before;

    /// <param name="history">As it is recorded.</param>
    /// <param name="other">As it is to be.</param>
    public Restatement(Portfolio p, string symbol, HoldingHistory history, HoldingHistory other, TakeId nextId)
    {
        (portfolio, this.history, before) = (p, history, p.Holdings[symbol]);
        was = Rebooked.From(history, p.PortfolioId, p.Currency, nextId);
        now = Rebooked.From(other, p.PortfolioId, p.Currency, nextId);
    }

    /// <summary>
    /// Whether all that the ledger would have kept on the way to it fits; see <see cref="Capacity"/>.
    /// </summary>
    public bool Fits => now.Fits;

    /// <summary>A fill came, went, or has other terms.</summary>
    /// <param name="correctionId">That of the amendment itself, if it has one.</param>
    public ImmutableArray<LedgerEvent> Of(
        int transactionId, Fill? corrected, DateTimeOffset at, string? correctionId = null, bool isNew = false) =>
        With(new HoldingRestated
        {
            PortfolioId = portfolio.PortfolioId,
            OccurredAt = at,
            HoldingId = before.HoldingId,
            Symbol = before.Symbol,
            Currency = before.Currency,
            InBase = InBase,
            TransactionId = transactionId,
            Corrected = corrected,
            CorrectionId = correctionId,
            IsNew = isNew ? true : null,
            LotChanges = Changes,
            RealizedPnl = RealizedPnl,
            QuantityChange = QuantityChange,
            CostChange = CostChange,
            RealizedPnlChange = RealizedPnl - before.RealizedPnl,
            CashAmount = now.Cash - was.Cash,
            FeeMoves = FeeMoves,
            TradeIds = TradeIds,
            LastPrice = now.Holding?.LastPrice ?? 0,
            LastPriceAt = now.Holding?.LastPriceAt,
        });

    /// <summary>A split became known after fills that it was before. It moves no cash.</summary>
    public ImmutableArray<LedgerEvent> Of(Split split) => With(new HoldingSplit
    {
        PortfolioId = portfolio.PortfolioId,
        OccurredAt = split.EffectiveAt,
        HoldingId = before.HoldingId,
        Symbol = before.Symbol,
        Currency = before.Currency,
        InBase = InBase,
        Numerator = split.Numerator,
        Denominator = split.Denominator,
        LotChanges = Changes,
        RealizedPnl = RealizedPnl,
        QuantityChange = QuantityChange,
        CostChange = CostChange,
        RealizedPnlChange = RealizedPnl - before.RealizedPnl,
        TradeIds = TradeIds,
        LastPrice = now.Holding?.LastPrice ?? 0,
        LastPriceAt = now.Holding?.LastPriceAt,
    });

    private ImmutableArray<LotChange> Changes => LotChanges.Between(before.Lots, now.Holding?.Lots ?? []);

    private BasePnl? InBase => before.InBase is null ? null : now.Holding?.InBase ?? BasePnl.None;

    private ImmutableArray<CashMove>? FeeMoves =>
        CashMoves.Sum([.. now.FeeMoves, .. was.FeeMoves.Select(CashMoves.Back)]) is { IsEmpty: false } moves
            ? moves
            : null;

    private decimal RealizedPnl => now.Holding?.RealizedPnl ?? 0;

    private decimal QuantityChange => (now.Holding?.Quantity ?? 0) - before.Quantity;

    private decimal CostChange => (now.Holding?.CostBasis ?? 0) - before.CostBasis;

    private ImmutableDictionary<int, int>? TradeIds => now.TradeIds.IsEmpty ? null : now.TradeIds;

    private ImmutableArray<LedgerEvent> With(HoldingRebooked rebooked) => [rebooked, .. Trades(rebooked.OccurredAt)];

    private IEnumerable<LedgerEvent> Trades(DateTimeOffset at)
    {
        foreach (var (id, _) in was.Trades.OrderBy(t => t.Key))
        {
            if (now.Trades.ContainsKey(id))
                continue;
            yield return new TradeVoided
            {
                PortfolioId = portfolio.PortfolioId, OccurredAt = at, TradeId = id, Symbol = before.Symbol,
            };
        }
        foreach (var (id, trade) in now.Trades.OrderBy(t => t.Key))
        {
            if (was.Trades.TryGetValue(id, out var old) && Same(old, trade))
                continue;
            yield return new TradeRestated
            {
                PortfolioId = portfolio.PortfolioId, OccurredAt = at, TradeId = id, Trade = trade,
                Version = history.TradeVersions.GetValueOrDefault(id),
            };
        }
    }

    private static bool Same(Trade one, Trade other) =>
        one with { UpdatedAt = default, Version = 0 } == other with { UpdatedAt = default, Version = 0 };
}
