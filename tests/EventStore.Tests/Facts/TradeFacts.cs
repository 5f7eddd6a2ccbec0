using Bifrost.Domain;
using Bifrost.Domain.Trades;

namespace Bifrost.EventStore.Tests;

/// <summary>Of each event: one with every member, and one without its optional members where it has some.</summary>
internal static class TradeFacts
{
    private static readonly DateTimeOffset At = PortfolioFacts.At;

    private static readonly TradeRestated Restated = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        TradeId = 9,
        Trade = new Trade
        {
            TradeId = 9,
            Symbol = "ORCL",
            IsShort = false,
            EntryQuantity = 100m,
            EntryAmount = 4508m,
            Multiplier = 1.5m,
            Currency = "EUR",
            IsFinelyPriced = true,
            ExitQuantity = 100m,
            ExitAmount = 4600m,
            Commission = 0.7m,
            Tax = 0.01m,
            RealizedPnl = 91.29m,
            EntryDate = At,
            ExitDate = At.AddDays(1),
        },
        Version = 3,
    };

    public static IEnumerable<LedgerEvent> All =>
    [
        new TradeOpened
        {
            PortfolioId = 3,
            OccurredAt = At,
            TradeId = 9,
            Symbol = "ORCL",
            TransactionId = 21,
            Quantity = 100m,
            Price = 45.08m,
            Multiplier = 1.5m,
            StatedGross = 4508m,
            Commission = 0.35m,
            Tax = 0.01m,
            Currency = "EUR",
            IsShort = true,
        },
        new TradeIncreased
        {
            PortfolioId = 3,
            OccurredAt = At,
            TradeId = 9,
            Symbol = "ORCL",
            TransactionId = 22,
            Quantity = 10m,
            Price = 45m,
            Multiplier = 1.5m,
            StatedGross = 450m,
            Commission = 0m,
            Tax = 0m,
        },
        new TradeReduced
        {
            PortfolioId = 3,
            OccurredAt = At,
            TradeId = 9,
            Symbol = "ORCL",
            TransactionId = 23,
            Quantity = 10m,
            Price = 44m,
            Multiplier = 1.5m,
            StatedGross = 440m,
            Commission = 0.35m,
            Tax = 0m,
            RealizedPnl = -10.35m,
        },
        new TradeClosed
        {
            PortfolioId = 3,
            OccurredAt = At,
            TradeId = 9,
            Symbol = "ORCL",
            TransactionId = 24,
            Quantity = 100m,
            Price = 46m,
            Multiplier = 1.5m,
            StatedGross = 4600m,
            Commission = 0.35m,
            Tax = 0m,
            RealizedPnl = 91.29m,
        },
        Restated,
        Restated with
        {
            Trade = Restated.Trade with
            {
                ExitQuantity = 0, ExitAmount = 0, ExitDate = null, Multiplier = null, Currency = null,
                IsFinelyPriced = null,
            },
        },
        new TradeVoided { PortfolioId = 3, OccurredAt = At, TradeId = 9, Symbol = "ORCL" },
    ];
}
