using Bifrost.Domain;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files.Columns;
using Bifrost.MarketData.Files.Times;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Files.Rows;

/// <summary>Makes a bar of a row's fields, or says which of the rules it breaks first.</summary>
internal sealed class BarParser(RowTime times, BarFileOptions options)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private readonly SymbolCache symbols = new();
    private readonly RowNumbers numbers = new();
    private readonly RowOrder order = new();
    private readonly string? wholeFile = Require(options.Symbol);
    private long latest;

    /// <summary>The volume of the row read last, as the source has it.</summary>
    public decimal ExactVolume => numbers.ExactVolume;

    /// <summary>Looks at the clock, which rows of the next moments are then held against.</summary>
    public void LookAtClock()
    {
        var now = options.Clock.GetUtcNow().UtcDateTime;
        // East of Greenwich a session may have tomorrow's date.
        latest = options.Interval == BarInterval.Day ? now.Date.AddDays(1).Ticks : (now + Tolerance).Ticks;
    }

    /// <summary>Null, and the bar; or why there is none.</summary>
    public Refusal? Parse(ReadOnlySpan<byte> text, FieldMap fields, out Bar bar)
    {
        bar = default;
        var ticks = 0L;
        var untimely = times.Read(text, fields, out var begins);
        var unnamed = Symbol(text, fields, out var symbol);
        // A row whose numbers are bad has its place among the others all the same.
        if (untimely is null && unnamed is null)
            untimely = order.Settle(symbol!, begins, out ticks);
        var refusal = untimely
            ?? numbers.Read(text, fields)
            ?? unnamed
            ?? numbers.Check(text, fields)
            ?? Future(ticks);
        if (refusal is null)
            bar = new Bar(
                symbol!, new DateTime(ticks, DateTimeKind.Utc), numbers.Bar, numbers.Volume, numbers.AdjClose);
        return refusal;
    }

    private Refusal? Symbol(ReadOnlySpan<byte> text, FieldMap fields, out string? symbol)
    {
        var written = fields.Of(text, Column.Symbol);
        if (written.IsEmpty && wholeFile is not null)
        {
            symbol = wholeFile;
            return null;
        }
        var found = symbols.Find(written);
        symbol = found.Symbol;
        return symbol is not null ? null
            : found.IsNothing ? Refusal.Of(QuarantineReason.NO_SYMBOL, Column.Symbol, written, "names none")
            : Refusal.Of(QuarantineReason.BAD_SYMBOL, Column.Symbol, written, "is none");
    }

    private Refusal? Future(long ticks) => ticks <= latest
        ? null
        : new Refusal(
            QuarantineReason.FUTURE_TIME,
            $"time {new DateTime(ticks, DateTimeKind.Utc):yyyy-MM-ddTHH:mm:ss}Z lies in the future.");

    private static string? Require(string? symbol) => symbol is null
        ? null
        : Symbols.Canonical(symbol)
            ?? throw new UnreadableBarsException($"'{symbol}' is no symbol: a symbol {Symbols.Rule}");
}
