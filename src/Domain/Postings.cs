using System.Collections.Immutable;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain;

/// <summary>One leg of a fact that moves value: the amounts of a fact sum to zero in each commodity.</summary>
public readonly record struct Posting(string Account, string Commodity, decimal Amount);

/// <summary>
/// Double entry. Positions are kept at cost in money, and in shares beside it, against what the market gave; the
/// difference between an exact amount and the cash that moved for it is posted to <c>rounding</c>.
/// </summary>
public static class Postings
{
    public const string Cash = "assets:cash";
    public const string Rounding = "equity:rounding";
    public const string RealizedPnl = "income:realized-pnl";
    public const string Commissions = "expenses:commissions";
    public const string Exchanged = "equity:exchange";
    public const string TaxesWithheld = "expenses:taxes-withheld";

    public static ImmutableArray<Posting> Of(LedgerEvent happened, Currency currency) => happened switch
    {
        CashMoved e => Added(Funded(FundingTerms.Of(e), currency)),
        FundingRestated e => Added(
            Funded(e.Was, currency).Select(posting => posting with { Amount = -posting.Amount }),
            e.Corrected is { } corrected ? Funded(corrected, currency) : []),
        LotOpened e => Traded(e, currency, e.ToFill().SignedQuantity, e.Cost, 0),
        LotsMatched e => Traded(
            e,
            currency,
            e.ToFill().SignedQuantity,
            (e.Opened?.Cost ?? 0) - e.Matches.Sum(match => match.Cost),
            e.Matches.Sum(match => match.RealizedPnl)),
        HoldingRestated e =>
        [
            .. Moved(e, currency, e.CashAmount, e.QuantityChange, e.CostChange, e.RealizedPnlChange),
            .. (e.FeeMoves ?? []).SelectMany(fee => Paid(fee, currency)),
        ],
        HoldingSplit e => Moved(e, currency, 0, e.QuantityChange, e.CostChange, e.RealizedPnlChange),
        _ => [],
    };

    // The counterpart bears the gross amount, of which the tax never came.
    private static IEnumerable<Posting> Funded(FundingTerms terms, Currency currency) =>
    [
        .. terms.Moves.Select(move => new Posting(Cash, move.Currency ?? currency.Code, move.Amount)),
        new(TaxesWithheld, terms.Currency ?? currency.Code, terms.Tax),
        .. terms.Moves.Select(move => new Posting(
            Counterpart(terms.Type),
            move.Currency ?? currency.Code,
            -move.Amount - (move == terms.Bought ? 0 : terms.Tax))),
    ];

    // Fees in another currency than that of the fill are an expense and no cost.
    private static IEnumerable<Posting> Paid(CashMove fee, Currency currency) =>
    [
        new(Cash, fee.Currency ?? currency.Code, fee.Amount),
        new(Commissions, fee.Currency ?? currency.Code, -fee.Amount),
    ];

    // One leg for each account, and none that moves nothing.
    private static ImmutableArray<Posting> Added(params ReadOnlySpan<IEnumerable<Posting>> legs)
    {
        var sums = new OrderedDictionary<(string Account, string Commodity), decimal>();
        foreach (var some in legs)
        {
            foreach (var (account, commodity, amount) in some)
                sums[(account, commodity)] = sums.GetValueOrDefault((account, commodity)) + amount;
        }
        return
        [
            .. from sum in sums
               where sum.Value != 0
               select new Posting(sum.Key.Account, sum.Key.Commodity, sum.Value),
        ];
    }

    private static string Counterpart(FundingType type) => type switch
    {
        FundingType.DEPOSIT or FundingType.WITHDRAWAL => "equity:capital",
        FundingType.DIVIDEND => "income:dividends",
        FundingType.INTEREST => "income:interest",
        FundingType.FEE or FundingType.FEE_REFUND => "expenses:fees",
        FundingType.TAX_WITHHELD => TaxesWithheld,
        FundingType.INTEREST_PAID => "expenses:interest",
        FundingType.PAYMENT_IN_LIEU => "income:payments-in-lieu",
        FundingType.REBATE => "income:rebates",
        FundingType.EXCHANGE => Exchanged,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a funding type."),
    };

    private static ImmutableArray<Posting> Traded(
        HoldingFilled e, Currency currency, decimal quantity, decimal cost, decimal realized)
    {
        var moved = Moved(e, currency, e.CashAmount, quantity, cost, realized);
        return e.FeeCurrency is null ? moved : [.. moved, .. Paid(e.ToFill().FeeMove!, currency)];
    }

    private static ImmutableArray<Posting> Moved(
        HoldingEvent e, Currency own, decimal cash, decimal quantity, decimal cost, decimal realized)
    {
        var (symbol, currency) = (e.Symbol, e.Currency is { } other ? Currency.Of(other) : own);
        var postings = ImmutableArray.CreateBuilder<Posting>(6);
        Add(Cash, currency.Code, cash);
        Add($"assets:positions:{symbol}", currency.Code, cost);
        Add(RealizedPnl, currency.Code, -realized);
        Add(Rounding, currency.Code, realized - cost - cash);
        Add($"assets:shares:{symbol}", symbol, quantity);
        Add($"equity:market:{symbol}", symbol, -quantity);
        return postings.ToImmutable();

        void Add(string account, string commodity, decimal amount)
        {
            if (amount != 0)
                postings.Add(new Posting(account, commodity, amount));
        }
    }
}
