using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;

namespace Bifrost.Replay.Explaining;

/// <summary>What an event adds to each number, by what the event itself says: nothing is computed anew.</summary>
public static class Contributions
{
    /// <summary>
    /// The type of the one contribution that is no event's: what a market value is rounded by, to be shown.
    /// </summary>
    public const string Rounding = "rounding";

    /// <returns>Null where the event adds nothing.</returns>
    public static Contribution? Of(StoredEvent stored, ExplainedField field, decimal amount)
    {
        if (amount == 0)
            return null;
        var added = new Contribution(
            stored.Sequence, EventCatalog.Of(stored.Data).Alias, stored.Data.OccurredAt, stored.RecordedAt, amount);
        return stored.Data switch
        {
            FundingRestated e => added with { Symbol = (e.Corrected ?? e.Was).Symbol, FundingId = e.FundingId },
            CashMoved e => added with { Symbol = e.Symbol, FundingId = e.FundingId },
            HoldingFilled e => Fill(added, e) with
            {
                Matches = e is LotsMatched matched && field != ExplainedField.Cash ? matched.Matches : [],
            },
            HoldingRestated e => added with
            {
                Symbol = e.Symbol,
                OrderId = e.Corrected?.OrderId,
                ExecutionId = e.Corrected?.ExecutionId,
                TransactionId = e.TransactionId,
                Quantity = e.Corrected?.SignedQuantity,
                Price = e.Corrected?.Price,
                Fees = e.Corrected?.Fees,
            },
            HoldingSplit e => added with { Symbol = e.Symbol },
            _ => added,
        };
    }

    private static Contribution Fill(Contribution added, HoldingFilled e) => added with
    {
        Symbol = e.Symbol,
        OrderId = e.OrderId,
        ExecutionId = e.ExecutionId,
        TransactionId = e.TransactionId,
        Quantity = e.ToFill().SignedQuantity,
        Price = e.Price,
        Fees = e.Commission + e.Tax,
    };

    /// <summary>What an event adds.</summary>
    /// <param name="portfolio">After the event; null where a holding's stream is read alone.</param>
    /// <param name="currency">Of cash, and of the cost of the whole portfolio; null for the portfolio's own.</param>
    public static decimal Amount(
        LedgerEvent happened, ExplainedField field, Portfolio? portfolio, string? currency) => field switch
    {
        ExplainedField.Cash => CashMoves.Of(happened)
            .Where(move => portfolio!.ForeignCode(move.Currency) == currency).Sum(move => move.Amount),
        ExplainedField.CostBasis when portfolio is not null && (happened as HoldingEvent)?.Currency != currency => 0,
        _ => Amount(happened, field),
    };

    // A market value is its quantity at one price, so it has the events of the quantity.
    private static decimal Amount(LedgerEvent happened, ExplainedField field) => (field, happened) switch
    {
        (ExplainedField.Quantity or ExplainedField.MarketValue, HoldingFilled e) => e.ToFill().SignedQuantity,
        (ExplainedField.Quantity or ExplainedField.MarketValue, HoldingRebooked e) => e.QuantityChange,
        (ExplainedField.CostBasis, LotOpened e) => e.Cost,
        (ExplainedField.CostBasis, LotsMatched e) => (e.Opened?.Cost ?? 0) - e.Matches.Sum(match => match.Cost),
        (ExplainedField.CostBasis, HoldingRebooked e) => e.CostChange,
        (ExplainedField.RealizedPnl, LotsMatched e) => e.Matches.Sum(match => match.RealizedPnl),
        (ExplainedField.RealizedPnl, HoldingRebooked e) => e.RealizedPnlChange,
        _ => 0,
    };
}
