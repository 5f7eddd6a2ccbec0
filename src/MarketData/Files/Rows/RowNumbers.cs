using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files.Columns;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Files.Rows;

/// <summary>The prices and the volume of the row that is being read, and what cannot be true of them.</summary>
internal sealed class RowNumbers
{
    private const decimal Limit = 1_000_000_000_000m;
    private const int First = (int)Column.Open;

    // A double tells numbers apart by a part of 10^16; some of its last places may be wrong.
    private const decimal Dust = 0.000000000001m;

    private static readonly Column[] Prices =
        [Column.Open, Column.High, Column.Low, Column.Close, Column.AdjClose];

    private readonly Number[] numbers = new Number[ColumnNames.Count - First];

    public OpenHighLowClose Bar => new(
        Of(Column.Open).Value, Of(Column.High).Value, Of(Column.Low).Value, Of(Column.Close).Value);

    public decimal? AdjClose => Of(Column.AdjClose) is { Kind: NumberKind.Exact } exact ? exact.Value : null;

    /// <summary>As the source has it.</summary>
    public decimal ExactVolume => Of(Column.Volume).Value;

    /// <summary>Rounded half away from zero; set by <see cref="Check"/>.</summary>
    public long Volume { get; private set; }

    public Refusal? Read(ReadOnlySpan<byte> text, FieldMap fields)
    {
        for (var column = Column.Open; column <= Column.AdjClose; column++)
        {
            var field = fields.Of(text, column);
            var number = column == Column.Volume
                ? NumberText.ParseCount(field, fields.IsQuoted(column))
                : NumberText.Parse(field, fields.IsQuoted(column));
            numbers[(int)column - First] = number;
            if (number.Kind is NumberKind.Empty or NumberKind.NoNumber && Fault(column, number, fields) is { } fault)
                return Refusal.Of(QuarantineReason.UNPARSABLE, column, fields.Of(text, column), fault);
        }
        return null;
    }

    /// <summary>The first of the rules that the row breaks, in the order of precedence.</summary>
    public Refusal? Check(ReadOnlySpan<byte> text, FieldMap fields) =>
        NotFinite(text, fields) ?? Negative(text, fields) ?? TooLarge(text, fields) ?? OutOfOrder(text, fields);

    // A price that went through binary floating point may lie above the high that it is, or below the low: of the two
    // the one with fewer decimals is what was meant.
    private void Undust()
    {
        foreach (var bound in (ReadOnlySpan<Column>)[Column.High, Column.Low])
        {
            foreach (var price in (ReadOnlySpan<Column>)[Column.Open, Column.Close])
            {
                var (one, other) = (Of(bound).Value, Of(price).Value);
                var beyond = bound == Column.High ? other - one : one - other;
                if (beyond <= 0 || beyond > Dust * Math.Abs(one))
                    continue;
                var meant = one.Scale < other.Scale ? Of(bound) : Of(price);
                numbers[(int)bound - First] = meant;
                numbers[(int)price - First] = meant;
            }
        }
    }

    private static string? Fault(Column column, Number number, FieldMap fields) => column switch
    {
        _ when number.Kind == NumberKind.NoNumber => "is no number",
        // What was not told is not known to be anything else than none.
        Column.AdjClose or Column.Volume => null,
        _ => fields.Has(column) ? "is empty" : "is missing",
    };

    private Refusal? NotFinite(ReadOnlySpan<byte> text, FieldMap fields)
    {
        for (var column = Column.Open; column <= Column.AdjClose; column++)
        {
            if (Of(column).Kind == NumberKind.NotFinite)
                return Refusal.Of(QuarantineReason.NOT_FINITE, column, fields.Of(text, column), "is not finite");
        }
        return null;
    }

    private Refusal? Negative(ReadOnlySpan<byte> text, FieldMap fields)
    {
        foreach (var price in Prices)
        {
            if (Of(price).IsNegative)
                return Refusal.Of(QuarantineReason.NEGATIVE_PRICE, price, fields.Of(text, price), "is negative");
        }
        return Of(Column.Volume).IsNegative
            ? Refusal.Of(
                QuarantineReason.NEGATIVE_VOLUME, Column.Volume, fields.Of(text, Column.Volume), "is negative")
            : null;
    }

    private Refusal? TooLarge(ReadOnlySpan<byte> text, FieldMap fields)
    {
        foreach (var price in Prices)
        {
            var number = Of(price);
            if (number.Kind == NumberKind.TooLong || number.Value >= Limit)
                return Refusal.Of(
                    QuarantineReason.TOO_LARGE, price, fields.Of(text, price),
                    number.Kind == NumberKind.TooLong ? "has more digits than are kept" : "is 10^12 or more");
        }
        var volume = ExactVolume;
        var whole = volume.Scale == 0 ? volume : decimal.Round(volume, 0, MidpointRounding.AwayFromZero);
        if (Of(Column.Volume).Kind == NumberKind.TooLong || whole > long.MaxValue)
            return Refusal.Of(
                QuarantineReason.TOO_LARGE, Column.Volume, fields.Of(text, Column.Volume), "is more than is kept");
        Volume = (long)whole;
        return null;
    }

    private Refusal? OutOfOrder(ReadOnlySpan<byte> text, FieldMap fields)
    {
        var (open, high, low, close) = Bar;
        if (open < low || open > high || close < low || close > high)
        {
            Undust();
            (open, high, low, close) = Bar;
        }
        if (high < low)
            return Refusal.Of(
                QuarantineReason.HIGH_BELOW_LOW, Column.High, fields.Of(text, Column.High), $"is below low {low}");
        if (open < low || open > high)
            return Outside(QuarantineReason.OPEN_OUTSIDE, Column.Open, text, fields);
        return close < low || close > high
            ? Outside(QuarantineReason.CLOSE_OUTSIDE, Column.Close, text, fields)
            : null;
    }

    private Refusal Outside(QuarantineReason reason, Column column, ReadOnlySpan<byte> text, FieldMap fields) =>
        Refusal.Of(reason, column, fields.Of(text, column), $"is not within {Bar.Low} and {Bar.High}");

    private Number Of(Column column) => numbers[(int)column - First];
}
