using Bifrost.MarketData.Files.Source;
using Bifrost.MarketData.Files.Times;

namespace Bifrost.MarketData.Files.Columns;

/// <summary>
/// Some files have the date and the time of day in two fields of a row and name them by one: each row then has a field
/// more than the header has names.
/// </summary>
internal static class SplitDate
{
    /// <summary>The layout with the time's own column, where most rows at the beginning have one.</summary>
    public static Layout Correct(Layout layout, Records records)
    {
        if (layout.Has(Column.Date) && layout.Has(Column.Time))
            return layout;
        var moment = Array.FindIndex(layout.Slots, slot => slot is (int)Column.Date or (int)Column.Time);
        var (rows, split) = (0, 0);
        records.Sample(row =>
        {
            rows++;
            split += IsSplit(row, layout, moment) ? 1 : 0;
        });
        if (split * 2 <= rows)
            return layout;
        var names = layout.Names.ToList();
        names[moment] = Column.Date.Word();
        names.Insert(moment + 1, Column.Time.Word());
        return new Layout(names, layout.Delimiter);
    }

    private static bool IsSplit(ReadOnlySpan<byte> row, Layout layout, int moment)
    {
        var (count, isTime) = (0, false);
        var cutter = new FieldCutter(row, layout.Delimiter);
        while (cutter.TryNext(out var field))
        {
            var text = row.Slice(field.Start, field.Length);
            // Four digits without a colon would be a time as well, but are rather a price.
            if (count == moment + 1)
                isTime = text.Contains((byte)':') && ClockText.TryParse(text, out _);
            count++;
        }
        return isTime && count == layout.Names.Count + 1;
    }
}
