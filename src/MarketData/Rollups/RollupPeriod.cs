using Bifrost.Instruments;
using Bifrost.Instruments.Exchanges;
using Npgsql;

namespace Bifrost.MarketData.Rollups;

/// <summary>What is rolled up as one: the bars of a symbol from a moment to before another.</summary>
/// <param name="Name">The date of a day, the Monday of a week.</param>
internal readonly record struct RollupPeriod(string Symbol, DateOnly Name, DateTime Begins, DateTime Ends)
{
    /// <summary>The week of a Monday, as daily bars have their dates.</summary>
    public static RollupPeriod Week((string Symbol, DateOnly Monday) week) =>
        new(week.Symbol, week.Monday, Midnight(week.Monday), Midnight(week.Monday.AddDays(7)));

    /// <summary>
    /// The days that bars of days of UTC belong to: the sessions of the symbol's exchange, or those days themselves
    /// where it has none.
    /// </summary>
    /// <param name="pairs">Symbols with days of UTC, by day.</param>
    public static async Task<List<RollupPeriod>> Days(
        NpgsqlConnection connection,
        IReadOnlyList<(string Symbol, DateOnly Day)> pairs,
        CancellationToken cancel)
    {
        string[] symbols = [.. pairs.Select(pair => pair.Symbol).Distinct()];
        var codes = await StoredInstruments.ReadExchanges(connection, symbols, cancel);
        return
        [
            .. pairs.SelectMany(pair => KnownExchanges.Find(codes.GetValueOrDefault(pair.Symbol)) is { } exchange
                ? Sessions(pair.Symbol, pair.Day, exchange)
                : [Day(pair.Symbol, pair.Day)]).Distinct().OrderBy(period => period.Name),
        ];
    }

    private static RollupPeriod Day(string symbol, DateOnly day) =>
        new(symbol, day, Midnight(day), Midnight(day.AddDays(1)));

    private static IEnumerable<RollupPeriod> Sessions(string symbol, DateOnly day, Exchange exchange)
    {
        var ends = Midnight(day.AddDays(1));
        for (var moment = Midnight(day); moment < ends;)
        {
            var session = exchange.SessionOf(moment);
            var span = exchange.SpanOf(session);
            yield return new RollupPeriod(symbol, session, span.Begins, span.Ends);
            moment = span.Ends;
        }
    }

    private static DateTime Midnight(DateOnly date) => date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
}
