using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;

namespace Bifrost.Audit.Exporting;

/// <summary>
/// Writes the journal of one portfolio, event by event, on the day on which each was recorded: in the order of the log,
/// in which lots are opened before they are closed. When it happened stands beside it.
/// </summary>
internal sealed class BeancountJournal(int portfolioId, ExportScope scope, ExportText text, HashSet<string> commodities)
{
    private readonly BeancountAccounts accounts = new(portfolioId, text, commodities);
    private readonly SortedDictionary<string, Holding> holdings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BeancountLots> lots = [];
    private Currency currency;
    private decimal cash;
    private decimal realizedBefore;
    private bool isKnown;
    private bool hasBegun;
    private DateOnly last;

    /// <summary>The next event of the portfolio.</summary>
    /// <returns>False where it, and what follows, is later than what is asked for.</returns>
    /// <exception cref="EventReadException">It cannot be the next one.</exception>
    public bool Add(StoredEvent stored)
    {
        if (stored.RecordedAt.UtcDateTime >= scope.To)
            return false;
        if (scope.From is not { } from || stored.RecordedAt.UtcDateTime >= from)
            Begin();
        Fold(stored);
        if (hasBegun)
            Write(stored);
        return true;
    }

    /// <summary>Says what it all comes to, on the day after the last event.</summary>
    public void End()
    {
        if (!isKnown)
            return;
        Begin();
        var date = BeancountNames.Date(last.AddDays(1));
        if (accounts.IsOpen(accounts.Cash))
            text.Line($"{date} balance {accounts.Cash} {BeancountNames.Amount(cash, currency)}");
        foreach (var holding in holdings.Values.Where(h => accounts.IsOpen(accounts.Position(h.Symbol))))
        {
            var shares = $"{BeancountNames.Number(holding.Quantity)} {BeancountNames.Commodity(holding.Symbol)}";
            text.Line($"{date} balance {accounts.Position(holding.Symbol)} {shares}");
            // With the shares at cost this is the cost basis, to the last digit.
            var beyond = BeancountNames.Amount(lots[holding.Symbol].Beyond, currency);
            if (accounts.IsOpen(accounts.Beyond(holding.Symbol)))
                text.Line($"{date} balance {accounts.Beyond(holding.Symbol)} {beyond}");
        }
        if (accounts.IsOpen(accounts.RealizedPnl))
        {
            var realized = holdings.Values.Sum(h => h.RealizedPnl) - realizedBefore;
            text.Line($"{date} balance {accounts.RealizedPnl} {BeancountNames.Amount(-realized, currency)}");
        }
    }

    private Holding? Holding(LedgerEvent happened) =>
        happened is HoldingEvent e ? holdings.GetValueOrDefault(e.Symbol) : null;

    private void Fold(StoredEvent stored)
    {
        switch (stored.Data)
        {
            case PortfolioOpened e:
                (currency, isKnown) = (Currency.Of(e.Currency), true);
                break;
            case CashMoved e:
                cash += e.CashAmount;
                break;
            case FundingRestated e:
                cash += e.CashAmount;
                break;
            case HoldingEvent e:
                holdings[e.Symbol] = HistoryFold.Next(Holding(e), stored, portfolioId);
                cash += e switch
                {
                    HoldingFilled filled => filled.CashAmount,
                    HoldingRestated restated => restated.CashAmount,
                    _ => 0,
                };
                break;
        }
    }

    // What there is when the journal begins: all lots with their cost and date, and the cash.
    private void Begin()
    {
        if (hasBegun)
            return;
        hasBegun = true;
        if (!isKnown || scope.From is not { } from)
            return;
        last = DateOnly.FromDateTime(from);
        realizedBefore = holdings.Values.Sum(h => h.RealizedPnl);
        var opening = new BeancountEntry(accounts, currency, last);
        opening.Add(accounts.Cash, cash);
        foreach (var holding in holdings.Values)
            Become(opening, holding, false, holding.CostBasis);
        opening.Add(accounts.Opening, -cash - holdings.Values.Sum(h => h.CostBasis));
        opening.Write(text, "Opening balances", []);
    }

    private void Write(StoredEvent stored)
    {
        last = BeancountNames.DateOf(stored.RecordedAt);
        var entry = new BeancountEntry(accounts, currency, last);
        var cost = 0m;
        foreach (var posting in Postings.Of(stored.Data, currency))
        {
            if (posting.Account.StartsWith("assets:positions:", StringComparison.Ordinal))
                cost += posting.Amount;
            else if (!IsOfShares(posting))
                entry.Add(accounts.Of(posting.Account), posting.Amount);
        }
        if (stored.Data is HoldingEvent e)
            Become(entry, holdings[e.Symbol], stored.Data is LotsMatched, cost, PriceOf(e as LotsMatched));
        entry.Write(text, BeancountNarration.Of(stored.Data), BeancountNarration.Details(stored, currency));
    }

    // Beancount knows of no multiplier: what one of the quantity went for.
    private static decimal? PriceOf(LotsMatched? matched) => matched?.Price * (matched?.Multiplier ?? 1);

    // Shares are in lots here. They are told by the account, because a symbol may be called like the currency.
    private static bool IsOfShares(Posting posting) =>
        posting.Account.StartsWith("assets:shares:", StringComparison.Ordinal)
        || posting.Account.StartsWith("equity:market:", StringComparison.Ordinal);

    private void Become(BeancountEntry entry, Holding holding, bool isMatch, decimal cost, decimal? price = null)
    {
        var symbol = holding.Symbol;
        if (!lots.TryGetValue(symbol, out var booked))
            lots[symbol] = booked = new BeancountLots();
        var weight = 0m;
        foreach (var lot in booked.Become(holding.Lots, isMatch))
        {
            entry.Add(symbol, lot, price);
            weight += lot.Weight;
        }
        entry.Add(accounts.Beyond(symbol), cost - weight);
    }
}
