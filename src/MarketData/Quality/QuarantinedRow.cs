namespace Bifrost.MarketData.Quality;

/// <summary>Why a row cannot be true. The names are public and stored: append, never rename.</summary>
public enum QuarantineReason
{
    /// <summary>A field is missing, is no number or is no time.</summary>
    UNPARSABLE,

    /// <summary>The row names no symbol, or the text NaN.</summary>
    NO_SYMBOL,

    /// <summary>The symbol has characters or a length that no symbol has.</summary>
    BAD_SYMBOL,

    /// <summary>A price or the volume is NaN or infinite.</summary>
    NOT_FINITE,

    NEGATIVE_PRICE,
    NEGATIVE_VOLUME,
    HIGH_BELOW_LOW,

    /// <summary>The open is not between low and high.</summary>
    OPEN_OUTSIDE,

    /// <summary>The close is not between low and high.</summary>
    CLOSE_OUTSIDE,

    /// <summary>The bar begins in the future.</summary>
    FUTURE_TIME,

    /// <summary>A number has more digits than are kept exactly.</summary>
    TOO_LARGE,

    /// <summary>The clock showed the time twice, and the rows before do not tell which it is.</summary>
    AMBIGUOUS_TIME,
}

/// <summary>A row that is not stored as a bar, kept as it came.</summary>
/// <param name="Line">In the file, from 1; the header counts.</param>
/// <param name="Detail">What is wrong, for people, with the field and the value.</param>
/// <param name="Raw">The row as it came, at most <see cref="LongestRaw"/> characters of it.</param>
public sealed record QuarantinedRow(long Line, QuarantineReason Reason, string Detail, string Raw)
{
    public const int LongestRaw = 2000;
}
