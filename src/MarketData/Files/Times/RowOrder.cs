using Bifrost.MarketData.Files.Rows;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Files.Times;

/// <summary>
/// Tells which of two instants a row is of whose time a clock showed twice, when it was put back: rows of a symbol come
/// one way in time, so it is the one that goes on from the row before. Where the rows before do not tell, nothing is
/// guessed: the other row of that time would be overwritten.
/// </summary>
internal sealed class RowOrder
{
    // A file has some thousands of symbols; see SymbolCache.
    private const int Most = 50_000;

    private readonly Dictionary<string, Run> runs = [];
    private Run? last;

    /// <param name="ticks">When the bar began.</param>
    public Refusal? Settle(string symbol, Beginning begins, out long ticks)
    {
        var run = RunOf(symbol);
        ticks = begins.Ticks;
        if (begins.Later == begins.Ticks)
        {
            run.Pass(ticks);
            return null;
        }
        if (run.Next(begins) is not { } next)
            return new Refusal(
                QuarantineReason.AMBIGUOUS_TIME,
                $"time came twice, when the clock was put back: {Told(begins.Ticks)} and {Told(begins.Later)}. "
                + $"The rows of {symbol} before do not tell which it is: write it with its offset from UTC.");
        ticks = next;
        run.Pass(ticks);
        return null;
    }

    private Run RunOf(string symbol)
    {
        if (last is not null && ReferenceEquals(last.Symbol, symbol))
            return last;
        if (!runs.TryGetValue(symbol, out last))
        {
            if (runs.Count == Most)
                runs.Clear();
            runs[symbol] = last = new Run(symbol);
        }
        return last;
    }

    private static string Told(long ticks) => $"{new DateTime(ticks, DateTimeKind.Utc):yyyy-MM-ddTHH:mm:ss}Z";

    /// <summary>The rows of one symbol so far.</summary>
    private sealed class Run(string symbol)
    {
        private long? at;
        private int way;
        private bool isMixed;

        public string Symbol => symbol;

        public void Pass(long ticks)
        {
            if (at is { } before && ticks != before)
            {
                var now = ticks > before ? 1 : -1;
                isMixed |= way == -now;
                way = now;
            }
            at = ticks;
        }

        public long? Next(Beginning begins)
        {
            if (at is not { } before || isMixed)
                return null;
            var onward = before < begins.Ticks ? 1 : before > begins.Later ? -1 : way;
            if (way == -onward)
                return null;
            return onward switch
            {
                > 0 => before < begins.Ticks ? begins.Ticks : before < begins.Later ? begins.Later : null,
                < 0 => before > begins.Later ? begins.Later : before > begins.Ticks ? begins.Ticks : null,
                _ => null,
            };
        }
    }
}
