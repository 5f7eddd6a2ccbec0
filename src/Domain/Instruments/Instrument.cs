namespace Bifrost.Domain.Instruments;

/// <summary>What an instrument is.</summary>
public enum InstrumentType
{
    STOCK,
    ETF,
    FUND,
    BOND,
    OPTION,
    FUTURE,

    /// <summary>Two currencies, such as EURUSD: the first is what is traded, in the second it is quoted.</summary>
    CURRENCY_PAIR,

    /// <summary>A coin of a chain, such as BTC.</summary>
    COIN,

    /// <summary>A number that is published and cannot be held.</summary>
    INDEX,
}

/// <summary>
/// What a symbol stands for, as far as it matters to what is decided: in what it is quoted, how much one of it is, and
/// how fine quantities and prices are.
/// </summary>
public sealed record Instrument
{
    /// <summary>The primary name, canonical as <see cref="Symbols"/> has it; aliases lead to it.</summary>
    public required string Symbol { get; init; }

    public InstrumentType Type { get; init; }

    /// <summary>The code of what prices are in; null for the currency of whatever portfolio it is in.</summary>
    public string? Currency { get; init; }

    /// <summary>
    /// How much of the currency one of the quantity is worth at a price of one: 100 of an option on 100 shares. Above
    /// zero.
    /// </summary>
    public decimal Multiplier { get; init; } = 1;

    /// <summary>
    /// Of the quantities of orders, from 0 to <see cref="Money.MostDecimals"/>; as many where nobody has said how many.
    /// </summary>
    public int QuantityDecimals { get; init; } = Money.MostDecimals;

    /// <inheritdoc cref="QuantityDecimals"/>
    public int PriceDecimals { get; init; } = Money.MostDecimals;

    /// <summary>
    /// The currency that is paid in, and what one of the quantity comes to at a price of one: where prices are told in
    /// pence (GBX), a hundredth of the multiplier in pounds.
    /// </summary>
    public (string? Currency, decimal Multiplier) Paid =>
        Currency is not null && Domain.Currency.TryParseUnit(Currency, out var paid, out var unit)
            ? (paid.Code, Multiplier * unit)
            : (Currency, Multiplier);

    /// <summary>Why nothing can be paid for it; null where it can.</summary>
    public Rejection? UnkeptCurrency => Currency is null || Domain.Currency.TryParseUnit(Currency, out _, out _)
        ? null
        : new Rejection(
            RejectionCode.CurrencyNotKept, $"{Symbol} is quoted in {Currency}, and the ledger keeps no cash in it.");

    /// <summary>Whether it may trade at zero or below, as a spread or a future may.</summary>
    public bool AllowsNonPositivePrice { get; init; }

    /// <summary>Whether somebody has said what it is; else all but the symbol is assumed.</summary>
    public bool IsDescribed { get; init; } = true;

    /// <summary>One that is known by its symbol alone: a share, quoted in the portfolio's own currency.</summary>
    public static Instrument Undescribed(string symbol) => new() { Symbol = symbol, IsDescribed = false };

    /// <summary>Why a price cannot be one of this; null where it can.</summary>
    /// <param name="isFact">Whether it was paid: zero is for what is worthless or given away.</param>
    public Rejection? Misfit(decimal? price, bool isFact) =>
        price is not { } given || given > 0 || (isFact && given == 0) || AllowsNonPositivePrice
            ? null
            : new Rejection(
                RejectionCode.PriceNotPositive,
                $"{Symbol} at {given}: a price is above zero, unless its instrument says that it need not be "
                + $"(allowsNonPositivePrice, by POST /api/instruments or PATCH of the described one).");
}
