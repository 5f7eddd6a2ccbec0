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
    /// <summary>The most decimals that a quantity or a price may have, of whatever instrument.</summary>
    public const int MostDecimals = 18;

    /// <summary>Those that it has where nobody has said how many.</summary>
    public const int UsualDecimals = 8;

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

    /// <summary>From 0 to <see cref="MostDecimals"/>.</summary>
    public int QuantityDecimals { get; init; } = UsualDecimals;

    /// <summary>From 0 to <see cref="MostDecimals"/>.</summary>
    public int PriceDecimals { get; init; } = UsualDecimals;

    /// <summary>Whether it may trade at zero or below, as a spread or a future may.</summary>
    public bool AllowsNonPositivePrice { get; init; }

    /// <summary>Whether somebody has said what it is; else all but the symbol is assumed.</summary>
    public bool IsDescribed { get; init; } = true;

    /// <summary>One that is known by its symbol alone: a share, quoted in the portfolio's own currency.</summary>
    public static Instrument Undescribed(string symbol) => new() { Symbol = symbol, IsDescribed = false };
}
