namespace Bifrost.Domain.Trades;

public abstract record TradeEvent : LedgerEvent
{
    public required int TradeId { get; init; }

    public override StreamId Stream => StreamId.Trade(TradeId);
}

/// <summary>What a fill did to a round trip; of a fill that went through zero, only its part of it.</summary>
public abstract record TradeFilled : TradeEvent
{
    public required string Symbol { get; init; }

    public required int TransactionId { get; init; }

    public required decimal Quantity { get; init; }

    public required decimal Price { get; init; }

    /// <summary>What one of the quantity is worth at a price of one, where that is not one.</summary>
    public decimal? Multiplier { get; init; }

    /// <summary>What these shares came to before fees, where it was stated; else what follows from the price.</summary>
    public decimal? StatedGross { get; init; }

    public required decimal Commission { get; init; }

    public required decimal Tax { get; init; }

    public decimal Gross => StatedGross ?? Quantity * Price * (Multiplier ?? 1);
}

public sealed record TradeOpened : TradeFilled
{
    /// <summary>The code of what amounts are in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    public required bool IsShort { get; init; }
}

public sealed record TradeIncreased : TradeFilled;

public abstract record TradeExited : TradeFilled
{
    public required decimal RealizedPnl { get; init; }
}

public sealed record TradeReduced : TradeExited;

public sealed record TradeClosed : TradeExited;

/// <summary>A correction changed the round trip: this is what it is now.</summary>
public sealed record TradeRestated : TradeEvent
{
    public required Trade Trade { get; init; }

    /// <summary>Events of the trade's stream before this one: the round trip may not be in memory any more.</summary>
    public required long Version { get; init; }
}

/// <summary>After a correction the round trip never was.</summary>
public sealed record TradeVoided : TradeEvent
{
    public required string Symbol { get; init; }
}
