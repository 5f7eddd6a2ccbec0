namespace Bifrost.MarketData.Files.Columns;

/// <summary>Where a field's text lies in a row's.</summary>
internal readonly record struct Field(int Start, int Length, bool IsQuoted)
{
    public static readonly Field Absent = new(0, -1, false);
}

/// <summary>Where the text of each column lies in a row's text.</summary>
internal sealed class FieldMap
{
    private readonly Field[] fields = new Field[ColumnNames.Count];

    public FieldMap() => Clear();

    public void Clear() => Array.Fill(fields, Field.Absent);

    public void Set(Column column, Field field) => fields[(int)column] = field;

    public bool Has(Column column) => fields[(int)column].Length >= 0;

    public bool IsQuoted(Column column) => fields[(int)column].IsQuoted;

    /// <summary>The column's text, empty where the row has none.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> text, Column column)
    {
        var field = fields[(int)column];
        return field.Length <= 0 ? default : text.Slice(field.Start, field.Length);
    }
}
