using Bifrost.MarketData.Files.Columns;
using Bifrost.MarketData.Files.Rows;
using Bifrost.MarketData.Files.Source;
using Bifrost.MarketData.Files.Times;

namespace Bifrost.MarketData.Files;

/// <summary>Finds out from a file's beginning how its rows are read.</summary>
internal static class Opening
{
    public static async ValueTask<RowReader> Rows(
        ByteWindow window, BarFileOptions options, CancellationToken cancel)
    {
        var clock = new BarClock(options);
        await window.FillSample(cancel);
        TextCheck.Pass(window);
        if (JsonShape.Find(window) is { } objects)
        {
            var objectRow = new JsonRow();
            await window.FillSample(cancel);
            JsonSample.Require(objects, objectRow, options);
            return Reader(objects, objectRow, clock, options);
        }
        var lines = new LineRecords(window);
        Layout? layout;
        while ((layout = FirstLine(lines, options)) is null)
        {
            if (window.AtEnd)
                throw new UnreadableBarsException(
                    window.IsDamaged ? TextCheck.Damaged : "The file has neither a header line nor rows.");
            await window.Fill(cancel);
        }
        await window.FillSample(cancel);
        return Reader(lines, new DelimitedRow(SplitDate.Correct(layout, lines)), clock, options);
    }

    // Null where the window has only blank lines and comments.
    private static Layout? FirstLine(LineRecords lines, BarFileOptions options)
    {
        var start = lines.Mark();
        if (!lines.TryNext(out var line))
            return null;
        if (lines.IsTooLong)
            throw new UnreadableBarsException("The first line is longer than 64 KB: it names no columns.");
        var layout = Header.Read(line, options, out var isRow);
        if (isRow)
            lines.Return(start);
        return layout;
    }

    private static RowReader Reader(Records records, RowForm form, BarClock clock, BarFileOptions options)
    {
        var (fields, hints) = (new FieldMap(), new TimeHints());
        records.Sample(record =>
        {
            var text = form.Locate(record, fields, out var refusal);
            if (refusal is null && !records.IsTooLong)
                hints.Look(fields.Of(text, fields.Has(Column.Date) ? Column.Date : Column.Time));
        });
        var times = new RowTime(new TimeParser(hints.Forms(options)), clock);
        return new RowReader(records, form, new BarParser(times, options), new RowLimits(options.Limits));
    }
}
