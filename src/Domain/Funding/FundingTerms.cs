using System.Collections.Immutable;
using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain.Funding;

/// <summary>Cash that came or went without a trade, as it stands after corrections.</summary>
/// <param name="Amount">What moved: not below zero, in whole minor units of its currency.</param>
/// <param name="Tax">What was withheld before it came; the gross amount is the two together.</param>
public sealed record FundingTerms(
    FundingType Type,
    decimal Amount,
    decimal Tax,
    string? Symbol,
    string? Description,
    string? ExternalId,
    DateTimeOffset OccurredAt)
{
    /// <summary>The code of what the amount is in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    /// <summary>What an exchange brought; null of anything else.</summary>
    public CashMove? Bought { get; init; }

    /// <summary>What it adds to cash in its currency.</summary>
    public decimal CashAmount => Type.IsPaid() ? -Amount : Amount;

    /// <summary>All that moved.</summary>
    public ImmutableArray<CashMove> Moves =>
        Bought is { } bought ? [new(Currency, CashAmount), bought] : [new(Currency, CashAmount)];

    public static FundingTerms Of(CashMoved e) =>
        new(e.Type, e.Amount, e.Tax ?? 0, e.Symbol, e.Description, e.ExternalId, e.OccurredAt)
        {
            Currency = e.Currency,
            Bought = e is CashExchanged exchanged ? new(exchanged.BoughtCurrency, exchanged.BoughtAmount) : null,
        };

    /// <summary>The fact that these are the terms of.</summary>
    public CashMoved ToEvent(int portfolioId, int fundingId)
    {
        var (p, at, id, amount) = (portfolioId, OccurredAt, fundingId, Amount);
        CashMoved moved = Type switch
        {
            FundingType.DEPOSIT =>
                new CashDeposited { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.WITHDRAWAL =>
                new CashWithdrawn { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.DIVIDEND =>
                new DividendReceived { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.INTEREST =>
                new InterestReceived { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.FEE =>
                new FeeCharged { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.TAX_WITHHELD =>
                new TaxWithheld { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.INTEREST_PAID =>
                new InterestPaid { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.FEE_REFUND =>
                new FeeRefunded { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.PAYMENT_IN_LIEU =>
                new PaymentInLieuReceived { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.REBATE =>
                new RebateReceived { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.EXCHANGE => new CashExchanged
            {
                PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount,
                BoughtAmount = Bought!.Amount, BoughtCurrency = Bought.Currency,
            },
            _ => throw new InvalidOperationException($"{Type} is not a funding type."),
        };
        return moved with
        {
            Currency = Currency, Symbol = Symbol, Description = Description, Tax = Tax == 0 ? null : Tax,
            ExternalId = ExternalId,
        };
    }
}

public static class FundingTypes
{
    /// <summary>Whether cash of this type leaves the portfolio.</summary>
    public static bool IsPaid(this FundingType type) => type is FundingType.WITHDRAWAL or FundingType.FEE
        or FundingType.TAX_WITHHELD or FundingType.INTEREST_PAID or FundingType.EXCHANGE;

    /// <summary>Whether tax can be withheld from it before it comes.</summary>
    public static bool IsTaxed(this FundingType type) =>
        type is FundingType.DIVIDEND or FundingType.INTEREST or FundingType.PAYMENT_IN_LIEU;
}
