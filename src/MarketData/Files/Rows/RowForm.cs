using Bifrost.MarketData.Files.Columns;

namespace Bifrost.MarketData.Files.Rows;

/// <summary>How a record is written: finds in it the text of each column.</summary>
internal abstract class RowForm
{
    /// <summary>The text that <paramref name="fields"/> then lie in.</summary>
    /// <param name="refusal">Why the record has no fields; null where it has.</param>
    public abstract ReadOnlySpan<byte> Locate(ReadOnlySpan<byte> record, FieldMap fields, out Refusal? refusal);
}
