using System.Collections.Immutable;
using Bifrost.Domain.Trades;

namespace Bifrost.Domain.Holdings;

/// <summary>Where a fill is booked: the holding and the latest round trip of its symbol, before the fill.</summary>
public readonly record struct Position(int PortfolioId, Currency Currency, Holding? Holding, Trade? Trade)
{
    public decimal Quantity => Holding?.Quantity ?? 0;
}

/// <summary>Turns a fill into the facts of its holding and its round trip.</summary>
public static class Booking
{
    public static ImmutableArray<LedgerEvent> Book(Position position, Fill fill, TakeId nextId)
    {
        // A product of the smallest quantities would be nothing.
        var closing = Math.Sign(fill.SignedQuantity) * Math.Sign(position.Quantity) < 0
            ? Math.Min(fill.Quantity, Math.Abs(position.Quantity))
            : 0;
        if (closing == 0)
            return Open(position, fill, nextId);
        return closing == fill.Quantity
            ? Close(position, fill, fill, null, nextId)
            : Close(position, fill, fill.Part(closing), fill.Less(fill.Part(closing)), nextId);
    }

    /// <summary>
    /// What is recorded before a fill at average cost that finds several lots, as an amendment of something earlier
    /// leaves them; null where they are one already.
    /// </summary>
    public static LotsPooled? Pool(Position position, Fill fill) =>
        fill.Method == LotMethod.AVERAGE && position.Holding is { Lots.Count: > 1 } held
            ? new LotsPooled
            {
                PortfolioId = position.PortfolioId, OccurredAt = fill.OccurredAt, HoldingId = held.HoldingId,
                Symbol = held.Symbol, Currency = held.Currency,
            }
            : null;

    /// <summary>
    /// Splits a position after which nothing has been booked: each lot has the new shares at the cost it had.
    /// </summary>
    /// <returns>Nothing where there never was a position.</returns>
    public static ImmutableArray<LedgerEvent> Divide(Position position, Split split)
    {
        if (position.Holding is not { } holding)
            return [];
        var lots = split.Lots(holding.Lots);
        var quantity = lots.Sum(lot => lot.Quantity);
        var divided = new HoldingSplit
        {
            PortfolioId = position.PortfolioId,
            OccurredAt = split.EffectiveAt,
            HoldingId = holding.HoldingId,
            Symbol = holding.Symbol,
            Currency = holding.Currency,
            InBase = holding.InBase,
            Numerator = split.Numerator,
            Denominator = split.Denominator,
            Lots = lots,
            RealizedPnl = holding.RealizedPnl,
            LastPrice = split.Price(holding.LastPrice),
            QuantityChange = quantity - holding.Quantity,
            CostChange = 0,
            RealizedPnlChange = 0,
        };
        return quantity == 0 ? [divided] : [divided, DivideTrade(position, split, Math.Abs(quantity))];
    }

    // What is open of the round trip is what is held; what was sold of it before is told in the new shares too.
    private static TradeRestated DivideTrade(Position position, Split split, decimal open)
    {
        var trade = position.Trade!;
        var sold = split.Shares(trade.ExitQuantity);
        return new TradeRestated
        {
            PortfolioId = position.PortfolioId,
            OccurredAt = split.EffectiveAt,
            TradeId = trade.TradeId,
            Trade = trade with { EntryQuantity = sold + open, ExitQuantity = sold },
            Version = trade.Version,
        };
    }

    private static ImmutableArray<LedgerEvent> Open(Position position, Fill fill, TakeId nextId)
    {
        var opens = position.Quantity == 0;
        var tradeId = opens ? nextId(IdKind.Trade) : position.Trade!.TradeId;
        var opened = new LotOpened
        {
            PortfolioId = position.PortfolioId,
            OccurredAt = fill.OccurredAt,
            HoldingId = position.Holding?.HoldingId ?? nextId(IdKind.Holding),
            Symbol = fill.Symbol,
            TransactionId = fill.TransactionId,
            ExecutionId = fill.ExecutionId,
            OrderId = fill.OrderId,
            Side = fill.Side,
            Quantity = fill.Quantity,
            Price = fill.Price,
            Multiplier = fill.Multiplier,
            StatedGross = fill.StatedGross,
            FeeQuantity = fill.FeeQuantity,
            Commission = fill.Commission,
            Tax = fill.Tax,
            Currency = fill.Currency,
            FeeCurrency = fill.FeeCurrency,
            Rate = fill.Rate,
            CashAmount = fill.Cash(position.Currency),
            Method = fill.Method,
            TradeId = tradeId,
            IsLate = IsLate(position, fill),
            Cost = -fill.Value,
            BaseCost = fill.InBase(-fill.Value),
        };
        return [opened, opens ? OpenTrade(position, fill, tradeId) : IncreaseTrade(position, fill, tradeId)];
    }

    private static ImmutableArray<LedgerEvent> Close(
        Position position, Fill fill, Fill closing, Fill? opening, TakeId nextId)
    {
        var trade = position.Trade!;
        var matches = LotMatching.Match(position.Holding!, closing);
        var next = opening is null ? 0 : nextId(IdKind.Trade);
        var matched = new LotsMatched
        {
            PortfolioId = position.PortfolioId,
            OccurredAt = fill.OccurredAt,
            HoldingId = position.Holding!.HoldingId,
            Symbol = fill.Symbol,
            TransactionId = fill.TransactionId,
            ExecutionId = fill.ExecutionId,
            OrderId = fill.OrderId,
            Side = fill.Side,
            Quantity = fill.Quantity,
            Price = fill.Price,
            Multiplier = fill.Multiplier,
            StatedGross = fill.StatedGross,
            FeeQuantity = fill.FeeQuantity,
            Commission = fill.Commission,
            Tax = fill.Tax,
            Currency = fill.Currency,
            FeeCurrency = fill.FeeCurrency,
            Rate = fill.Rate,
            CashAmount = fill.Cash(position.Currency),
            Method = fill.Method,
            TradeId = trade.TradeId,
            IsLate = IsLate(position, fill),
            Matches = matches,
            Named = fill.Lots.IsEmpty ? null : fill.Lots,
            Opened = opening is null ? null : new CrossedLot(opening.SignedQuantity, -opening.Value, next)
            {
                BaseCost = opening.InBase(-opening.Value),
            },
        };
        var realized = matches.Sum(match => match.RealizedPnl);
        TradeEvent left = closing.Quantity == Math.Abs(position.Quantity)
            ? new TradeClosed
            {
                PortfolioId = position.PortfolioId, OccurredAt = fill.OccurredAt, TradeId = trade.TradeId,
                Symbol = fill.Symbol, TransactionId = fill.TransactionId, Quantity = closing.Quantity,
                Price = fill.Price, Multiplier = fill.Multiplier, StatedGross = closing.StatedGross,
                Commission = closing.OwnCommission, Tax = closing.OwnTax, RealizedPnl = realized,
            }
            : new TradeReduced
            {
                PortfolioId = position.PortfolioId, OccurredAt = fill.OccurredAt, TradeId = trade.TradeId,
                Symbol = fill.Symbol, TransactionId = fill.TransactionId, Quantity = closing.Quantity,
                Price = fill.Price, Multiplier = fill.Multiplier, StatedGross = closing.StatedGross,
                Commission = closing.OwnCommission, Tax = closing.OwnTax, RealizedPnl = realized,
            };
        return opening is null ? [matched, left] : [matched, left, OpenTrade(position, opening, next)];
    }

    private static TradeOpened OpenTrade(Position position, Fill fill, int tradeId) => new()
    {
        PortfolioId = position.PortfolioId, OccurredAt = fill.OccurredAt, TradeId = tradeId,
        Symbol = fill.Symbol, TransactionId = fill.TransactionId, Quantity = fill.Quantity,
        Price = fill.Price, Multiplier = fill.Multiplier, StatedGross = fill.StatedGross,
        Commission = fill.OwnCommission, Tax = fill.OwnTax,
        Currency = fill.Currency, IsShort = fill.Side == OrderSide.SELL,
    };

    private static TradeIncreased IncreaseTrade(Position position, Fill fill, int tradeId) => new()
    {
        PortfolioId = position.PortfolioId, OccurredAt = fill.OccurredAt, TradeId = tradeId,
        Symbol = fill.Symbol, TransactionId = fill.TransactionId, Quantity = fill.Quantity,
        Price = fill.Price, Multiplier = fill.Multiplier, StatedGross = fill.StatedGross,
        Commission = fill.OwnCommission, Tax = fill.OwnTax,
    };

    private static bool? IsLate(Position position, Fill fill) =>
        position.Holding is { } holding && fill.OccurredAt < holding.LastPriceAt ? true : null;
}
