using Bifrost.MarketData.Files.Columns;
using Bifrost.MarketData.Files.Rows;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Files.Times;

/// <summary>Reads when a row's bar began, from one field or from two.</summary>
internal sealed class RowTime(TimeParser parser, BarClock clock)
{
    public Refusal? Read(ReadOnlySpan<byte> text, FieldMap fields, out Beginning begins)
    {
        begins = default;
        var column = fields.Has(Column.Date) ? Column.Date : Column.Time;
        var written = fields.Of(text, column);
        if (written.IsEmpty)
            return Refusal.Unparsable($"{column.Word()} is {(fields.Has(column) ? "empty" : "missing")}.");
        if (!parser.TryParse(written, out var moment))
            return Refusal.Of(QuarantineReason.UNPARSABLE, column, written, parser.FaultOf(written));
        var time = column == Column.Date ? fields.Of(text, Column.Time) : default;
        if (!time.IsEmpty && !TryJoin(ref moment, time))
            return Refusal.Of(QuarantineReason.UNPARSABLE, Column.Time, time, "is no time of that date");
        return clock.Resolve(moment, out begins) is { } fault
            ? Refusal.Of(QuarantineReason.UNPARSABLE, column, written, fault)
            : null;
    }

    // The second field is the time of that day, or says all by itself. Then it has to be about that day, on whatever
    // clock: an hour alone would be a number of seconds in 1970. Data frames write a bare date as midnight of it.
    private bool TryJoin(ref Moment moment, ReadOnlySpan<byte> time)
    {
        if (!ClockText.TryParse(time, out var clockTime))
        {
            var day = moment.Day;
            return parser.TryParse(time, out moment) && Math.Abs(moment.Day - day) <= 1;
        }
        if (moment is not { Kind: MomentKind.Date or MomentKind.Local, TimeOfDay: 0 })
            return false;
        moment = Moment.At(moment.Day, clockTime);
        return true;
    }
}
