using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Portfolios;

namespace Bifrost.EventStore.Tests;

/// <summary>Of each event: one with every member, and one without its optional members where it has some.</summary>
internal static class PortfolioFacts
{
    public static readonly DateTimeOffset At =
        new DateTimeOffset(2026, 3, 2, 14, 30, 0, TimeSpan.Zero).AddMicroseconds(123456);

    private static readonly PortfolioOpened Opened = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        UserId = 7,
        Name = "Growth & \"income\"",
        Description = "Zürich, 5 € a day",
        Currency = "USD",
        LotMethod = LotMethod.SPECIFIC,
        AllowShort = true,
        AllowOverdraft = true,
        CurrencyHaircut = 0.05m,
        CashBalanceId = 4,
    };

    private static readonly PortfolioRenamed Renamed = new()
    {
        PortfolioId = 3, OccurredAt = At, Name = "Income", Description = "Bonds",
    };

    private static readonly PortfolioSettingsChanged SettingsChanged = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        LotMethod = LotMethod.AVERAGE,
        AllowShort = false,
        AllowOverdraft = true,
        CurrencyHaircut = 0.05m,
    };

    private static readonly CashAccountOpened AccountOpened = new()
    {
        PortfolioId = 3, OccurredAt = At, Currency = "EUR", CashBalanceId = 5,
    };

    private static readonly CashExchanged Exchanged = new()
    {
        PortfolioId = 3, OccurredAt = At, FundingId = 11, Amount = 100m, BoughtAmount = 108.42m,
    };

    private static readonly PortfolioClosed Closed = new() { PortfolioId = 3, OccurredAt = At };

    private static readonly WithdrawalRejected Rejected = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        FundingId = 12,
        Amount = 100m,
        Currency = "EUR",
        Description = "Rent",
        Code = RejectionCode.InsufficientCash,
        Reason = "99.99 is free.",
    };

    private static readonly FundingTerms Terms =
        new(FundingType.DIVIDEND, 0.7m, 0.15m, "ORCL", "Quarterly", "D-1", At);

    private static readonly FundingTerms Whole =
        Terms with { Type = FundingType.EXCHANGE, Currency = "EUR", Bought = new CashMove("GBP", 0.6m) };

    private static readonly FundingRestated Restated = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        FundingId = 11,
        Was = Whole,
        Corrected = Whole with { Amount = 0.76m, OccurredAt = At.AddDays(1) },
        CorrectionId = "D-2",
        InitialCapital = 100m,
        FirstDepositOn = new DateOnly(2026, 3, 1),
    };

    public static IEnumerable<LedgerEvent> All =>
    [
        Opened,
        Opened with { Description = null, CurrencyHaircut = null, OccurredAt = At.AddMicroseconds(-123456) },
        Renamed,
        Renamed with { Description = null },
        SettingsChanged,
        SettingsChanged with { CurrencyHaircut = null },
        AccountOpened,
        .. Moved(Exchanged).Select(e => e == Exchanged ? e : (CashExchanged)e with { BoughtCurrency = "EUR" }),
        Closed,
        .. Moved(new CashDeposited { PortfolioId = 3, OccurredAt = At, FundingId = 11, Amount = 999_999_999_999.99m }),
        .. Moved(new CashWithdrawn { PortfolioId = 3, OccurredAt = At, FundingId = 11, Amount = 0.01m }),
        .. Moved(new DividendReceived { PortfolioId = 3, OccurredAt = At, FundingId = 11, Amount = 12.5m }),
        .. Moved(new InterestReceived { PortfolioId = 3, OccurredAt = At, FundingId = 11, Amount = 3m }),
        .. Moved(new FeeCharged { PortfolioId = 3, OccurredAt = At, FundingId = 11, Amount = 25m }),
        .. Moved(new TaxWithheld { PortfolioId = 3, OccurredAt = At, FundingId = 11, Amount = 2.5m }),
        .. Moved(new InterestPaid { PortfolioId = 3, OccurredAt = At, FundingId = 11, Amount = 1.01m }),
        .. Moved(new FeeRefunded { PortfolioId = 3, OccurredAt = At, FundingId = 11, Amount = 25m }),
        .. Moved(new PaymentInLieuReceived { PortfolioId = 3, OccurredAt = At, FundingId = 11, Amount = 12.5m }),
        .. Moved(new RebateReceived { PortfolioId = 3, OccurredAt = At, FundingId = 11, Amount = 0.02m }),
        Restated,
        Restated with { Was = Terms, Corrected = Terms with { Amount = 0.76m, OccurredAt = At.AddDays(1) } },
        Restated with { Was = Terms, Corrected = null, CorrectionId = null, InitialCapital = 0, FirstDepositOn = null },
        Rejected,
        Rejected with { Description = null, Currency = null },
    ];

    private static IEnumerable<LedgerEvent> Moved(CashMoved minimal) =>
    [
        minimal with
        {
            Description = "Quarterly", Currency = "CHF", Symbol = "ORCL", Tax = 0.15m, ExternalId = "NYSE|123",
        },
        minimal,
    ];
}
