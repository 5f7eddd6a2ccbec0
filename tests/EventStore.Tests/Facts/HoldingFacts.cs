using System.Collections.Immutable;
using Bifrost.Domain;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;

namespace Bifrost.EventStore.Tests;

/// <summary>Of each event: one with every member, and one without its optional members where it has some.</summary>
internal static class HoldingFacts
{
    private static readonly DateTimeOffset At = PortfolioFacts.At;

    private static readonly Rate Rate = new(1.0842m, At.AddMinutes(-1), "EURUSD");

    private static readonly LotOpened Opened = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        HoldingId = 8,
        Symbol = "ORCL",
        TransactionId = 21,
        ExecutionId = "X-1",
        OrderId = 17,
        Side = OrderSide.BUY,
        Quantity = 100m,
        Price = 45.08m,
        Multiplier = 1.5m,
        StatedGross = 4508m,
        FeeQuantity = 0.1m,
        Commission = 0.35m,
        Tax = 0.01m,
        CashAmount = -4508.36m,
        Method = LotMethod.HIFO,
        TradeId = 9,
        IsLate = true,
        Currency = "EUR",
        FeeCurrency = "USD",
        Rate = Rate,
        Cost = 4508.36m,
        BaseCost = 4887.963912m,
    };

    private static readonly LotsMatched Matched = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        HoldingId = 8,
        Symbol = "ORCL",
        TransactionId = 22,
        ExecutionId = "X-2",
        OrderId = 18,
        Side = OrderSide.SELL,
        Quantity = 110m,
        Price = 46m,
        Multiplier = 1.5m,
        StatedGross = 5060m,
        FeeQuantity = 0.1m,
        Commission = 0.7m,
        Tax = 0m,
        CashAmount = 5059.3m,
        Method = LotMethod.LIFO,
        TradeId = 9,
        IsLate = true,
        Currency = "EUR",
        FeeCurrency = "USD",
        Rate = Rate,
        Matches =
        [
            new LotMatch(21, 100m, 4508.36m, 4599.363636363636m)
            {
                BaseCost = 4887.963912m, BaseProceeds = 4986.630054545454m, FxPnl = 0.5m,
            },
        ],
        Named = [new LotPick(21, 100m)],
        Opened = new CrossedLot(-10m, -459.936363636364m, 10) { BaseCost = -498.663005454545m },
    };

    private static readonly Fill Corrected = new()
    {
        TransactionId = 21,
        ExecutionId = "X-1",
        OrderId = 17,
        Symbol = "ORCL",
        Side = OrderSide.BUY,
        Quantity = 90m,
        Price = 45.08m,
        Multiplier = 1.5m,
        StatedGross = 4057.2m,
        FeeQuantity = 0.1m,
        Commission = 0.35m,
        Tax = 0.01m,
        Currency = "EUR",
        FeeCurrency = "USD",
        Rate = Rate,
        OccurredAt = At,
        Method = LotMethod.FIFO,
        Lots = [new LotPick(20, 1m)],
        TradeId = 9,
    };

    private static readonly LotChange Change = new(2, 1, [new Lot(21, At, 90m, 4057.56m) { BaseCost = 4399.206552m }]);

    private static readonly HoldingRestated Restated = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        HoldingId = 8,
        Symbol = "ORCL",
        TransactionId = 21,
        Corrected = Corrected,
        CorrectionId = "X-1b",
        IsNew = true,
        Currency = "EUR",
        Lots = [new Lot(21, At, 90m, 4057.56m) { BaseCost = 4399.206552m }],
        LotChanges = [Change],
        RealizedPnl = 12.000000000001m,
        InBase = new BasePnl(13.010400000001m, 0.5m, true),
        TradeIds = ImmutableDictionary<int, int>.Empty.Add(22, 10),
        LastPrice = 46m,
        LastPriceAt = At,
        QuantityChange = -10m,
        CostChange = -450.8m,
        RealizedPnlChange = 1.5m,
        CashAmount = 450.8m,
        FeeMoves = [new CashMove("USD", 0.25m)],
    };

    private static readonly HoldingSplit Split = new()
    {
        PortfolioId = 3,
        OccurredAt = At,
        HoldingId = 8,
        Symbol = "ORCL",
        Numerator = 3,
        Denominator = 2,
        Currency = "EUR",
        Lots = [new Lot(21, At, 150m, 4508.36m) { BaseCost = 4887.963912m }],
        LotChanges = [Change],
        RealizedPnl = 12.5m,
        InBase = new BasePnl(13.5525m, 0.5m, true),
        TradeIds = ImmutableDictionary<int, int>.Empty.Add(22, 10),
        LastPrice = 30.66666667m,
        LastPriceAt = At,
        QuantityChange = 50m,
        CostChange = 0.5m,
        RealizedPnlChange = -0.5m,
    };

    public static IEnumerable<LedgerEvent> All =>
    [
        Opened,
        Opened with
        {
            OrderId = null, Multiplier = null, StatedGross = null, FeeQuantity = null,
            IsLate = null, Currency = null, FeeCurrency = null, Rate = null, BaseCost = null,
        },
        Matched,
        Matched with
        {
            OrderId = null, Multiplier = null, StatedGross = null, FeeQuantity = null, IsLate = null, Named = null,
            Opened = null, Matches = [], Currency = null, FeeCurrency = null, Rate = null,
        },
        new LotsPooled { PortfolioId = 3, OccurredAt = At, HoldingId = 8, Symbol = "ORCL", Currency = "EUR" },
        new LotsPooled { PortfolioId = 3, OccurredAt = At, HoldingId = 8, Symbol = "ORCL" },
        Restated,
        Restated with
        {
            Corrected = null, CorrectionId = null, IsNew = null, TradeIds = null, Lots = null, LotChanges = [],
            LastPriceAt = null, Currency = null, InBase = null, FeeMoves = null,
        },
        Restated with
        {
            Corrected = Corrected with
            {
                OrderId = null, Lots = [], TradeId = null, Multiplier = null, StatedGross = null, FeeQuantity = null,
                Currency = null, FeeCurrency = null, Rate = null,
            },
            IsNew = null,
            Lots = null,
            LotChanges = [Change, new LotChange(7, 2, [])],
        },
        Split,
        Split with { TradeIds = null, Lots = null, LastPriceAt = null, Currency = null, InBase = null },
    ];
}
