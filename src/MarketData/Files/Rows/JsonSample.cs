using System.Text.Json;
using Bifrost.MarketData.Files.Columns;
using Bifrost.MarketData.Files.Source;

namespace Bifrost.MarketData.Files.Rows;

/// <summary>Looks at the first objects of a JSON file, which has no header, for the names that bars need.</summary>
internal static class JsonSample
{
    private static readonly Column[] Prices = [Column.Open, Column.High, Column.Low, Column.Close];

    /// <exception cref="UnreadableBarsException">None of the objects could be a bar.</exception>
    public static void Require(Records records, RowForm form, BarFileOptions options)
    {
        var (fields, first) = (new FieldMap(), string.Empty);
        var (seen, objects, complete, named) = (0, 0, 0, 0);
        records.Sample(record =>
        {
            seen++;
            objects += record.TrimStart(" \t"u8)[0] == '{' ? 1 : 0;
            form.Locate(record, fields, out var refusal);
            if (refusal is not null)
                return;
            first = first.Length == 0 ? string.Join(", ", Names(record)) : first;
            complete += IsComplete(fields) ? 1 : 0;
            named += fields.Has(Column.Symbol) ? 1 : 0;
        });
        if (seen > 0 && objects == 0)
            throw new UnreadableBarsException(
                $"The JSON array has no objects: each bar is an object with {ColumnNames.Expected}.");
        if (first.Length == 0)
            return;
        if (complete == 0)
            throw new UnreadableBarsException(
                $"The objects have {Printable.Cut(first, 300)}; needed are {ColumnNames.Expected}.");
        if (named == 0 && options.Symbol is null)
            throw new UnreadableBarsException(
                "No property names the symbol of a row: give the one of the whole file.", BarSetting.Symbol);
    }

    private static bool IsComplete(FieldMap fields) =>
        (fields.Has(Column.Date) || fields.Has(Column.Time)) && Prices.All(fields.Has);

    private static List<string> Names(ReadOnlySpan<byte> record)
    {
        var names = new List<string>();
        var reader = new Utf8JsonReader(record);
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName)
                names.Add(Printable.Text(reader.ValueSpan, 60));
        }
        return names.Count > 0 ? names : ["no properties"];
    }
}
