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
    private readonly SortedDictionary<string, decimal> cash = new(StringComparer.Ordinal);
    private readonly Dictionary<string, decimal> realizedBefore = [];
    private Currency currency;
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
        foreach (var (code, balance) in cash.Where(one => accounts.IsOpen(accounts.Cash(one.Key))))
            text.Line($"{date} balance {accounts.Cash(code)} {BeancountNames.Amount(balance, code)}");
        foreach (var holding in holdings.Values.Where(h => accounts.IsOpen(accounts.Position(h.Symbol))))
        {
            var shares = $"{BeancountNames.Number(holding.Quantity)} {BeancountNames.Commodity(holding.Symbol)}";
            text.Line($"{date} balance {accounts.Position(holding.Symbol)} {shares}");
            // With the shares at cost this is the cost basis, to the last digit.
            var beyond = BeancountNames.Amount(lots[holding.Symbol].Beyond, CodeOf(holding.Currency));
            if (accounts.IsOpen(accounts.Beyond(holding.Symbol)))
                text.Line($"{date} balance {accounts.Beyond(holding.Symbol)} {beyond}");
        }
        foreach (var (code, all) in Realized().Where(one => accounts.IsOpen(accounts.RealizedPnl(one.Key))))
        {
            var realized = all - realizedBefore.GetValueOrDefault(code);
            text.Line($"{date} balance {accounts.RealizedPnl(code)} {BeancountNames.Amount(-realized, code)}");
        }
    }

    private SortedDictionary<string, decimal> Realized() => new(
        holdings.Values.GroupBy(h => CodeOf(h.Currency)).ToDictionary(h => h.Key, h => h.Sum(one => one.RealizedPnl)),
        StringComparer.Ordinal);

    private string CodeOf(string? other) => other ?? currency.Code;

    private Holding? Holding(LedgerEvent happened) =>
        happened is HoldingEvent e ? holdings.GetValueOrDefault(e.Symbol) : null;

    private void Fold(StoredEvent stored)
    {
        switch (stored.Data)
        {
            case PortfolioOpened e:
                (currency, isKnown) = (Currency.Of(e.Currency), true);
                accounts.Own = currency;
                break;
            case HoldingEvent e:
                holdings[e.Symbol] = HistoryFold.Next(Holding(e), stored, portfolioId);
                break;
        }
        foreach (var (code, amount) in CashMoves.Of(stored.Data))
            cash[CodeOf(code)] = cash.GetValueOrDefault(CodeOf(code)) + amount;
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
        foreach (var (code, realized) in Realized())
            realizedBefore[code] = realized;
        var opening = new BeancountEntry(accounts, last);
        var there = new SortedDictionary<string, decimal>(cash, StringComparer.Ordinal);
        foreach (var (code, balance) in cash)
            opening.Add(accounts.Cash(code), balance, code);
        foreach (var holding in holdings.Values)
        {
            Become(opening, holding, false, holding.CostBasis);
            var code = CodeOf(holding.Currency);
            there[code] = there.GetValueOrDefault(code) + holding.CostBasis;
        }
        foreach (var (code, amount) in there)
            opening.Add(accounts.Opening(code), -amount, code);
        opening.Write(text, "Opening balances", []);
    }

    private void Write(StoredEvent stored)
    {
        last = BeancountNames.DateOf(stored.RecordedAt);
        var entry = new BeancountEntry(accounts, last);
        var cost = 0m;
        foreach (var posting in Postings.Of(stored.Data, currency))
        {
            if (posting.Account.StartsWith("assets:positions:", StringComparison.Ordinal))
                cost += posting.Amount;
            else if (!IsOfShares(posting))
                entry.Add(accounts.Of(posting.Account, posting.Commodity), posting.Amount, posting.Commodity);
        }
        if (stored.Data is HoldingEvent e)
            Become(entry, holdings[e.Symbol], stored.Data is LotsMatched, cost, PriceOf(e as LotsMatched));
        entry.Write(text, BeancountNarration.Of(stored.Data), BeancountNarration.Details(stored, currency));
    }

    // Beancount knows of no multiplier: what one of the quantity went for. Nor of prices below zero.
    private static decimal? PriceOf(LotsMatched? matched) =>
        matched is { Price: >= 0 and var price } ? price * (matched.Multiplier ?? 1) : null;

    // Shares are in lots here. They are told by the account, because a symbol may be called like the currency.
    private static bool IsOfShares(Posting posting) =>
        posting.Account.StartsWith("assets:shares:", StringComparison.Ordinal)
        || posting.Account.StartsWith("equity:market:", StringComparison.Ordinal);

    private void Become(BeancountEntry entry, Holding holding, bool isMatch, decimal cost, decimal? price = null)
    {
        var (symbol, code) = (holding.Symbol, CodeOf(holding.Currency));
        if (!lots.TryGetValue(symbol, out var booked))
            lots[symbol] = booked = new BeancountLots();
        var weight = 0m;
        foreach (var lot in booked.Become(holding.Lots, isMatch))
        {
            entry.Add(symbol, lot, code, price);
            weight += lot.Weight;
        }
        entry.Add(accounts.Beyond(symbol), cost - weight, code);
    }
}
