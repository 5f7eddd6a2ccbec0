using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Bifrost.Domain.Trades;
using Bifrost.Projections.CashBalances;
using Bifrost.Projections.Fundings;
using Bifrost.Projections.Holdings;
using Bifrost.Projections.Orders;
using Bifrost.Projections.Portfolios;
using Bifrost.Projections.Trades;
using Bifrost.Projections.Transactions;

namespace Bifrost.Projections;

/// <summary>
/// The rows that a run of events changed, as they are after the last of them. Filled by the same fold whether the
/// events were decided a moment ago or are read back from the log.
/// </summary>
public sealed class RowChanges
{
    public Changes<PortfolioRow> Portfolios { get; } = new();

    public Changes<CashBalanceRow> CashBalances { get; } = new();

    public Changes<HoldingRow> Holdings { get; } = new();

    public Changes<OrderRow> Orders { get; } = new();

    public Changes<TradeRow> Trades { get; } = new();

    public Changes<TransactionRow> Transactions { get; } = new();

    public Changes<FundingRow> Fundings { get; } = new();

    // Whether the portfolio is worth something else by more than its own cash.
    private bool isRevalued;

    /// <summary>Symbols that rows name; those seen first get a row in market_symbol.</summary>
    public HashSet<string> Symbols { get; } = [];

    /// <summary>Folds one event: the next state, with the rows it changed noted here.</summary>
    public Portfolio Fold(Portfolio? before, Recorded recorded)
    {
        var after = Portfolio.Evolve(before, recorded);
        var id = after.PortfolioId;
        if (before is null)
        {
            Portfolios.Add(id, new PortfolioRow(after));
            CashBalances.Add(after.CashBalanceId, CashBalanceRow.Own(after));
        }
        else
        {
            isRevalued |= recorded.Event is HoldingEvent || after.OtherCash != before.OtherCash;
            Portfolios.Set(id, new PortfolioRow(after) { HoldingsChanged = isRevalued || Holdings.Count > 0 });
            if ((after.Cash, after.CashChangedAt, after.CashRecordedAt)
                != (before.Cash, before.CashChangedAt, before.CashRecordedAt))
                CashBalances.Set(after.CashBalanceId, CashBalanceRow.Own(after));
            if (after.OtherCash != before.OtherCash)
                FoldOtherCash(before, after);
        }
        Fold(before, after, recorded.Event);
        return after;
    }

    /// <summary>Forgets all of them.</summary>
    public void Clear()
    {
        Portfolios.Clear();
        CashBalances.Clear();
        Holdings.Clear();
        Orders.Clear();
        Trades.Clear();
        Transactions.Clear();
        Fundings.Clear();
        isRevalued = false;
    }

    private void FoldOtherCash(Portfolio before, Portfolio after)
    {
        foreach (var (currency, account) in after.OtherCash)
        {
            if (!before.OtherCash.TryGetValue(currency, out var known))
                CashBalances.Add(account.CashBalanceId, CashBalanceRow.Other(after, currency));
            else if (known != account)
                CashBalances.Set(account.CashBalanceId, CashBalanceRow.Other(after, currency));
        }
    }

    private void Fold(Portfolio? before, Portfolio after, LedgerEvent happened)
    {
        switch (happened)
        {
            case CashMoved e:
                Fundings.Add(e.FundingId, new FundingRow(e));
                break;
            case FundingRestated { Corrected: null } e:
                Fundings.Remove(e.FundingId);
                break;
            case FundingRestated { Corrected: { } terms } e:
                var moved = terms.ToEvent(e.PortfolioId, e.FundingId);
                Fundings.Set(e.FundingId, new FundingRow(moved) { CorrectionId = e.CorrectionId });
                break;
            case OrderTermsEvent e:
                Symbols.Add(e.Symbol);
                Orders.Add(e.OrderId, new OrderRow(after.PortfolioId, after.Orders[e.OrderId]));
                break;
            case OrderEvent e:
                Orders.Set(e.OrderId, new OrderRow(after.PortfolioId, after.Orders[e.OrderId]));
                break;
            case HoldingEvent e:
                FoldHolding(before!, after, e);
                break;
            case TradeVoided e:
                Trades.Remove(e.TradeId);
                break;
            case TradeRestated e:
                var restated = e.Trade with { UpdatedAt = after.UpdatedAt };
                Trades.Replace(e.TradeId, new TradeRow(after.PortfolioId, restated));
                break;
            case TradeOpened e:
                Trades.Add(e.TradeId, new TradeRow(after.PortfolioId, after.Trades[e.Symbol]));
                break;
            case TradeFilled e:
                Trades.Set(e.TradeId, new TradeRow(after.PortfolioId, after.Trades[e.Symbol]));
                break;
        }
    }

    private void FoldHolding(Portfolio before, Portfolio after, HoldingEvent happened)
    {
        var holding = new HoldingRow(after.PortfolioId, after.Currency, after.Holdings[happened.Symbol]);
        if (before.Holdings.ContainsKey(happened.Symbol))
            Holdings.Set(happened.HoldingId, holding);
        else
            Holdings.Add(happened.HoldingId, holding);
        Symbols.Add(happened.Symbol);
        if (happened is HoldingFilled filled)
            Transactions.Add(filled.TransactionId, TransactionRow.Of(filled, after.Currency));
        else if (happened is HoldingRestated restated)
            FoldTransaction(after, restated);
    }

    private void FoldTransaction(Portfolio after, HoldingRestated restated)
    {
        if (restated.Corrected is not { } fill)
        {
            Transactions.Remove(restated.TransactionId);
            return;
        }
        var row = TransactionRow.Of(after.PortfolioId, fill, after.Currency) with
        {
            CorrectionId = restated.CorrectionId,
        };
        if (restated.IsNew == true)
            Transactions.Add(restated.TransactionId, row);
        else
            Transactions.Set(restated.TransactionId, row);
    }
}
