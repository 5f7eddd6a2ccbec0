using System.Collections.Immutable;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;

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

    public static ImmutableArray<Posting> Of(LedgerEvent happened, Currency currency) => happened switch
    {
        CashMoved e => [new(Cash, currency.Code, e.CashAmount), new(Counterpart(e), currency.Code, -e.CashAmount)],
        LotOpened e => Traded(e, currency, e.ToFill().SignedQuantity, e.Cost, 0),
        LotsMatched e => Traded(
            e,
            currency,
            e.ToFill().SignedQuantity,
            (e.Opened?.Cost ?? 0) - e.Matches.Sum(match => match.Cost),
            e.Matches.Sum(match => match.RealizedPnl)),
        HoldingRestated e => Moved(
            e.Symbol, currency, e.CashAmount, e.QuantityChange, e.CostChange, e.RealizedPnlChange),
        HoldingSplit e => Moved(e.Symbol, currency, 0, e.QuantityChange, e.CostChange, e.RealizedPnlChange),
        _ => [],
    };

    private static string Counterpart(CashMoved e) => e.Type switch
    {
        FundingType.DEPOSIT or FundingType.WITHDRAWAL => "equity:capital",
        FundingType.DIVIDEND => "income:dividends",
        FundingType.INTEREST => "income:interest",
        FundingType.FEE => "expenses:fees",
        _ => throw new ArgumentOutOfRangeException(nameof(e), e.Type, "Not a funding type."),
    };

    private static ImmutableArray<Posting> Traded(
        HoldingFilled e, Currency currency, decimal quantity, decimal cost, decimal realized) =>
        Moved(e.Symbol, currency, e.CashAmount, quantity, cost, realized);

    private static ImmutableArray<Posting> Moved(
        string symbol, Currency currency, decimal cash, decimal quantity, decimal cost, decimal realized)
    {
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
