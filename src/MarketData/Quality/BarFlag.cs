namespace Bifrost.MarketData.Quality;

/// <summary>What is suspicious about stored bars. The names are public and stored: append, never rename.</summary>
public enum FlagKind
{
    /// <summary>The price moved by more than a threshold between two bars.</summary>
    JUMP,

    /// <summary>Many bars in a row without volume.</summary>
    ZERO_VOLUME_RUN,

    /// <summary>Bars are missing between two of one session.</summary>
    GAP,

    /// <summary>A source had the bar twice, with other values; the later one is stored.</summary>
    DUPLICATE,

    /// <summary>The source's volume was not whole, and was rounded half away from zero.</summary>
    VOLUME_ROUNDED,

    /// <summary>The bar does not begin on a boundary of its interval.</summary>
    OFF_GRID,
}

/// <param name="Time">The bar that it is about, or the first of several.</param>
/// <param name="Detail">For people.</param>
public sealed record BarFlag(string Symbol, DateTime Time, FlagKind Kind, string Detail);
