using Bifrost.MarketData.Files.Columns;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Files.Rows;

/// <summary>Why a row is no bar.</summary>
internal sealed record Refusal(QuarantineReason Reason, string Detail)
{
    public static Refusal Unparsable(string detail) => new(QuarantineReason.UNPARSABLE, detail);

    /// <summary>A sentence that begins with the field and what the row says there.</summary>
    public static Refusal Of(QuarantineReason reason, Column column, ReadOnlySpan<byte> value, string fault) =>
        new(reason, $"{column.Word()} {Printable.Value(value)} {fault}.");
}
