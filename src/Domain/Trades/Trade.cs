using System.Text.Json.Serialization;

namespace Bifrost.Domain.Trades;

/// <summary>A round trip in one symbol, from flat to flat.</summary>
public sealed record Trade
{
    public required int TradeId { get; init; }

    public required string Symbol { get; init; }

    public required bool IsShort { get; init; }

    public required decimal EntryQuantity { get; init; }

    /// <summary>What the entries came to before fees.</summary>
    public required decimal EntryAmount { get; init; }

    /// <summary>
    /// What one of the quantity is worth at a price of one, by the fill that opened it; null for one.
    /// </summary>
    public decimal? Multiplier { get; init; }

    /// <summary>Set where a fill had a price with more decimals than is usual: what is shown has all of them.</summary>
    public bool? IsFinelyPriced { get; init; }

    /// <summary>The code of what amounts are in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    public decimal ExitQuantity { get; init; }

    public decimal ExitAmount { get; init; }

    public decimal Commission { get; init; }

    public decimal Tax { get; init; }

    /// <summary>Net of fees, by the lot method.</summary>
    public decimal RealizedPnl { get; init; }

    public required DateTimeOffset EntryDate { get; init; }

    public DateTimeOffset? ExitDate { get; init; }

    [JsonIgnore]
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Events of the trade's stream.</summary>
    [JsonIgnore]
    public long Version { get; init; }

    [JsonIgnore]
    public TradeStatus Status =>
        ExitQuantity == EntryQuantity ? TradeStatus.CLOSED
        : ExitQuantity > 0 ? TradeStatus.PARTIALLY_CLOSED
        : TradeStatus.OPEN;

    [JsonIgnore]
    public decimal OpenQuantity => EntryQuantity - ExitQuantity;

    public static Trade Evolve(Trade? state, TradeEvent happened, DateTimeOffset recordedAt)
    {
        var next = (state, happened) switch
        {
            (null, TradeOpened e) => Open(e),
            ({ OpenQuantity: > 0 } t, TradeIncreased e) => t with
            {
                EntryQuantity = t.EntryQuantity + e.Quantity,
                EntryAmount = t.EntryAmount + e.Gross,
                Commission = t.Commission + e.Commission,
                Tax = t.Tax + e.Tax,
            },
            ({ } t, TradeReduced e) when e.Quantity < t.OpenQuantity => t.Exit(e),
            ({ } t, TradeClosed e) when e.Quantity == t.OpenQuantity => t.Exit(e) with { ExitDate = e.OccurredAt },
            (_, TradeRestated e) => e.Trade,
            // A ledger never skips history it does not understand.
            _ => throw new InvalidHistoryException(happened, state is null ? "no trade" : $"a {state.Status} trade"),
        };
        // A restated round trip may have left memory long ago, so the event says how long its stream was.
        var version = happened is TradeRestated restated ? restated.Version : state?.Version ?? 0;
        return next with
        {
            UpdatedAt = recordedAt,
            Version = version + 1,
            IsFinelyPriced = happened is TradeFilled { Price: var price } && Money.IsFine(price)
                ? true
                : next.IsFinelyPriced,
        };
    }

    private static Trade Open(TradeOpened e) => new()
    {
        TradeId = e.TradeId,
        Symbol = e.Symbol,
        IsShort = e.IsShort,
        EntryQuantity = e.Quantity,
        EntryAmount = e.Gross,
        Multiplier = e.Multiplier,
        Currency = e.Currency,
        Commission = e.Commission,
        Tax = e.Tax,
        EntryDate = e.OccurredAt,
    };

    private Trade Exit(TradeExited e) => this with
    {
        ExitQuantity = ExitQuantity + e.Quantity,
        ExitAmount = ExitAmount + e.Gross,
        Commission = Commission + e.Commission,
        Tax = Tax + e.Tax,
        RealizedPnl = RealizedPnl + e.RealizedPnl,
    };
}
