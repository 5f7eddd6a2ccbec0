using System.Collections.Immutable;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;

namespace Bifrost.Replay.Explaining;

/// <summary>
/// Folds events as the ledger does and keeps what each of them adds to one number. The number is that of the folded
/// state; that the contributions sum to it is not made so here, it has to be.
/// </summary>
/// <remarks>
/// Takes the events of a holding's stream where a symbol is asked for, else those of the whole portfolio.
/// </remarks>
public sealed class ExplanationFold(Question question)
{
    private readonly ImmutableArray<Contribution>.Builder contributions = ImmutableArray.CreateBuilder<Contribution>();
    private readonly Dictionary<int, long> openings = [];
    private Portfolio? portfolio;
    private Holding? holding;
    private long sequence;

    public void Add(StoredEvent stored)
    {
        var realized = portfolio?.RealizedPnl;
        if (question.Symbol is null)
            portfolio = HistoryFold.Next(portfolio, stored, question.PortfolioId);
        else
            holding = HistoryFold.Next(holding, stored, question.PortfolioId);
        sequence = stored.Sequence;
        if (stored.Data is HoldingFilled { TransactionId: var booked })
            openings[booked] = stored.Sequence;
        else if (stored.Data is HoldingRestated { IsNew: true, TransactionId: var late })
            openings[late] = stored.Sequence;
        // A position in another currency realizes in the portfolio's own what the rates of then make of it.
        var amount = question is { Symbol: null, Field: ExplainedField.RealizedPnl }
            && stored.Data is HoldingEvent { Currency: not null }
                ? portfolio!.RealizedPnl - (realized ?? 0)
                : Contributions.Amount(stored.Data, question.Field, portfolio, Currency);
        if (Contributions.Of(stored, question.Field, amount) is { } contribution)
            contributions.Add(contribution);
    }

    /// <returns>Null where no event came.</returns>
    public Explanation? Explain()
    {
        if (sequence == 0)
            return null;
        var holdings = question.Symbol is null ? portfolio!.Holdings.Values : [holding!];
        return new Explanation(
            question.PortfolioId,
            question.Field,
            question.Symbol,
            Value(holdings),
            sequence,
            contributions.ToImmutable(),
            question.Field is ExplainedField.Cash or ExplainedField.RealizedPnl ? [] : Lots(holdings))
        {
            Currency = question.Symbol is null ? Currency : holding!.Currency,
        };
    }

    // As events have it.
    private string? Currency => portfolio is null ? question.Currency : portfolio.ForeignCode(question.Currency);

    /// <summary>The quantity that was folded, valued as it is shown: at a price, in whole cents.</summary>
    /// <returns>Null where no event came.</returns>
    public Explanation? ExplainAt(ExplainedPrice price)
    {
        if (Explain() is not { } explained)
            return null;
        price = price with { Multiplier = holding!.Multiplier };
        var worth = price.Price * (price.Multiplier ?? 1);
        var parts = explained.Contributions.Select(part => part with { Amount = part.Amount * worth }).ToList();
        var value = decimal.Round(explained.Value * worth, price.Decimals, MidpointRounding.ToEven);
        var rounding = value - parts.Sum(part => part.Amount);
        if (rounding != 0 && parts is [.., var last])
        {
            parts.Add(new Contribution(
                last.Sequence, Contributions.Rounding, last.OccurredAt, last.RecordedAt, rounding));
        }
        return explained with { Value = value, Contributions = [.. parts], Price = price };
    }

    private decimal Value(IEnumerable<Holding> holdings) => question.Field switch
    {
        ExplainedField.Cash => portfolio!.CashIn(Currency),
        ExplainedField.RealizedPnl when portfolio is not null => portfolio.RealizedPnl,
        ExplainedField.RealizedPnl => holdings.Sum(h => h.RealizedPnl),
        ExplainedField.CostBasis =>
            holdings.Where(h => question.Symbol is not null || h.Currency == Currency).Sum(h => h.CostBasis),
        ExplainedField.Quantity or ExplainedField.MarketValue => holdings.Single().Quantity,
        _ => throw new ArgumentOutOfRangeException(nameof(holdings), question.Field, "Not a field."),
    };

    // A lot's id is that of the transaction that opened it, in restated and pooled lots as well.
    private ImmutableArray<ExplainedLot> Lots(IEnumerable<Holding> holdings) =>
    [
        .. from h in holdings.OrderBy(h => h.Symbol, StringComparer.Ordinal)
           where question.Symbol is not null || h.Currency == Currency
           from lot in h.Lots
           select new ExplainedLot(h.Symbol, lot.LotId, lot.OpenedAt, lot.Quantity, lot.Cost, openings[lot.LotId]),
    ];
}
