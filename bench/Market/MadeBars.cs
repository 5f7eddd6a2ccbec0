using Bifrost.MarketData.Bars;

namespace Bifrost.Bench.Market;

/// <summary>Minute bars of many symbols as a feed has them: by time, all symbols of a minute together.</summary>
internal static class MadeBars
{
    private const int FirstMinute = 14 * 60 + 30;

    public const int MinutesOfDay = 390;

    private const int BatchRows = 100_000;

    // Short of today, and so young that the chunks are those of live data.
    private static readonly DateOnly Today = DateOnly.FromDateTime(DateTime.UtcNow);

    public static string[] Symbols(int count) => [.. Enumerable.Range(1, count).Select(i => $"MADE{i}")];

    /// <summary>Weekdays before today, the oldest first.</summary>
    public static DateOnly[] Days(int count) =>
    [
        .. Enumerable.Range(1, count * 2 + 2).Select(i => Today.AddDays(-i))
            .Where(day => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).Take(count).Order(),
    ];

    public static IEnumerable<Bar> Of(string[] symbols, DateOnly[] days)
    {
        var random = new Random(1);
        var cents = symbols.Select((_, i) => 1_000L + i * 37).ToArray();
        foreach (var day in days)
        {
            var midnight = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
            for (var minute = 0; minute < MinutesOfDay; minute++)
            {
                var time = midnight.AddMinutes(FirstMinute + minute);
                for (var i = 0; i < symbols.Length; i++)
                {
                    var open = cents[i];
                    var close = cents[i] = Math.Max(100, open + random.Next(-5, 6));
                    yield return new Bar(
                        symbols[i],
                        time,
                        new OpenHighLowClose(
                            open / 100m, (Math.Max(open, close) + 2) / 100m, (Math.Min(open, close) - 2) / 100m,
                            close / 100m),
                        random.Next(0, 10_000),
                        AdjClose: null);
                }
            }
        }
    }

    public static async IAsyncEnumerable<BarBatch> Batches(IEnumerable<Bar> bars)
    {
        foreach (var chunk in bars.Chunk(BatchRows))
        {
            yield return new BarBatch(chunk, [], [], 0);
            await Task.Yield();
        }
    }
}
