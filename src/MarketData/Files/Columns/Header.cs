using Bifrost.MarketData.Files.Rows;

namespace Bifrost.MarketData.Files.Columns;

/// <summary>Understands the first line of a delimited file.</summary>
internal static class Header
{
    // Where one delimiter gives as many names as another, the earlier one is meant.
    private static ReadOnlySpan<byte> Delimiters => ",;\t|"u8;

    /// <param name="isRow">The line is no header but the first row.</param>
    public static Layout Read(ReadOnlySpan<byte> line, BarFileOptions options, out bool isRow)
    {
        if (line.Contains((byte)'\r'))
            throw new UnreadableBarsException(
                "The lines end with CR alone: save the file with LF or CRLF at their ends.");
        var written = Written(line);
        isRow = !written.IsComplete && (options.Columns is not null || Headerless.IsRow(written.Names));
        var layout = options.Columns is { } given ? new Layout(given, written.Delimiter)
            : isRow ? Headerless.Guess(written)
            : written;
        Require(layout, options);
        return layout;
    }

    // The delimiter is the one by which most names are understood, or most fields cut where none is.
    private static Layout Written(ReadOnlySpan<byte> line)
    {
        Layout? best = null;
        foreach (var delimiter in Delimiters)
        {
            var layout = new Layout(Layout.Cut(line, delimiter), delimiter);
            if (best is null || Rank(layout).CompareTo(Rank(best)) > 0)
                best = layout;
        }
        return best!;
    }

    private static (int, int) Rank(Layout layout) => (layout.Understood, layout.Names.Count);

    private static void Require(Layout layout, BarFileOptions options)
    {
        if (!layout.IsComplete)
            throw new UnreadableBarsException(
                $"The columns are {Shown(layout.Names)}; needed are {ColumnNames.Expected}. "
                + $"Missing: {Lacking(layout)}. A file without a header line needs its columns named.",
                BarSetting.Columns);
        if (layout.Twice is { } twice)
            throw new UnreadableBarsException(
                $"The columns are {Shown(layout.Names)}, of which two are the {twice.Word()}: name one.",
                BarSetting.Columns);
        if (!layout.Has(Column.Symbol) && options.Symbol is null)
            throw new UnreadableBarsException(
                "No column names the symbol of a row: give the one of the whole file.", BarSetting.Symbol);
    }

    private static string Lacking(Layout layout) =>
        string.Join(", ", layout.Has(Column.Date) || layout.Has(Column.Time)
            ? layout.Missing
            : layout.Missing.Prepend("date or time"));

    private static string Shown(IEnumerable<string> names) => Printable.Cut(string.Join(", ", names), 300);
}
