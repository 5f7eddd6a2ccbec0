using Bifrost.MarketData.Files.Columns;
using Bifrost.MarketData.Files.Rows;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Files.Times;

/// <summary>Reads when a row's bar began, from one field or from two.</summary>
internal sealed class RowTime(TimeParser parser, BarClock clock)
{
    public Refusal? Read(ReadOnlySpan<byte> text, FieldMap fields, out long ticks)
    {
        ticks = 0;
        var column = fields.Has(Column.Date) ? Column.Date : Column.Time;
        var written = fields.Of(text, column);
        if (written.IsEmpty)
            return Refusal.Unparsable($"{column.Word()} is {(fields.Has(column) ? "empty" : "missing")}.");
        if (!parser.TryParse(written, out var moment))
            return Refusal.Of(QuarantineReason.UNPARSABLE, column, written, "is no time");
        var time = column == Column.Date ? fields.Of(text, Column.Time) : default;
        if (!time.IsEmpty && !TryJoin(ref moment, time))
            return Refusal.Of(QuarantineReason.UNPARSABLE, Column.Time, time, "is no time of that date");
        return clock.Resolve(moment, out ticks) is { } fault
            ? Refusal.Of(QuarantineReason.UNPARSABLE, column, written, fault)
            : null;
    }

    // The second field is the time of that day, or a date with its time that says all by itself. Data frames write a
    // bare date as midnight of it.
    private bool TryJoin(ref Moment moment, ReadOnlySpan<byte> time)
    {
        if (!ClockText.TryParse(time, out var clockTime))
            return parser.TryParse(time, out moment);
        if (moment is not { Kind: MomentKind.Date or MomentKind.Local, TimeOfDay: 0 })
            return false;
        moment = Moment.At(moment.Day, clockTime);
        return true;
    }
}
