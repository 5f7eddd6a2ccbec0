using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Instruments;
using Bifrost.Workers;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.MarketData;

/// <summary>How complete a symbol's bars of one day are.</summary>
public sealed record DayStatistics
{
    public string Symbol { get; init; } = "";

    public DateOnly Day { get; init; }

    /// <summary>What the day's bars are: min, or hour where there are no minutes.</summary>
    public string Interval { get; init; } = "";

    public int Bars { get; init; }

    public DateTime FirstTime { get; init; }

    public DateTime LastTime { get; init; }

    /// <summary>The usual distance between two bars of the day.</summary>
    public int SpacingSeconds { get; init; }

    /// <summary>Bars from the first to the last at that distance.</summary>
    public int ExpectedInside { get; init; }

    /// <summary>Of those, how many there are not.</summary>
    public int MissingInside { get; init; }

    /// <summary>
    /// Bars of a session as the symbol usually has it: from the median first to the median last time of day over the
    /// days that are asked for.
    /// </summary>
    public int ExpectedSession { get; init; }

    /// <summary>Bars by expected bars of the usual session, at most 1.</summary>
    public decimal Completeness { get; init; }

    /// <summary>Bars of the day with a flag.</summary>
    public int Flagged { get; init; }
}

internal static class ListStatisticsRoute
{
    private const string Sql =
        """
        WITH asked AS (
            SELECT d.*, coalesce(extract(epoch FROM d.spacing),
                                 CASE d.bar_interval WHEN 'min' THEN 60 ELSE 3600 END)::integer AS seconds
            FROM daily_price_aggregates d
            WHERE d.day >= @from AND d.day < @to AND (@symbol::varchar IS NULL OR d.symbol = @symbol)
        ), usual AS (
            SELECT symbol, bar_interval,
                   percentile_disc(0.5) WITHIN GROUP (ORDER BY first_time - day) AS begins,
                   percentile_disc(0.5) WITHIN GROUP (ORDER BY last_time - day) AS ends
            FROM asked GROUP BY symbol, bar_interval
        ), counted AS (
            SELECT a.*, extract(epoch FROM a.last_time - a.first_time)::integer / a.seconds + 1 AS inside,
                   extract(epoch FROM u.ends - u.begins)::integer / a.seconds + 1 AS session
            FROM asked a JOIN usual u USING (symbol, bar_interval)
        )
        SELECT symbol, (day AT TIME ZONE 'UTC')::date AS day, bar_interval AS interval, bar_count AS bars, first_time,
               last_time, seconds AS spacing_seconds, inside AS expected_inside,
               greatest(0, inside - bar_count) AS missing_inside, session AS expected_session,
               least(1, round(bar_count::numeric / session, 4)) AS completeness,
               (SELECT count(DISTINCT f.time)::integer FROM market_bar_flag f
                WHERE f.symbol = c.symbol AND f.bar_interval = c.bar_interval
                  AND f.time BETWEEN c.first_time AND c.last_time) AS flagged
        FROM counted c
        WHERE (symbol, (day AT TIME ZONE 'UTC')::date::text) > (@afterSymbol, @afterDay)
        ORDER BY symbol, day LIMIT @take
        """;

    private static readonly Cursor<DayStatistics> BySymbolAndDay =
        Cursors.ByText<DayStatistics>(item => $"{item.Symbol}_{item.Day:yyyy-MM-dd}");

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/market-data/statistics", Handle)
        .OpenTo(AccessRule.ReadMarket)
        .WithName("ListStatistics").WithTags("Market data")
        .WithSummary("Lists how complete the minutes or hours of each symbol and day are").ProducesProblem(400);

    private static Task<Results<Ok<Page<DayStatistics>>, ProblemHttpResult>> Handle(
        string? symbol,
        string? from,
        string? to,
        [AsParameters] Paging paging,
        [FromKeyedServices(MarketModule.Connections)] NpgsqlDataSource database,
        InstrumentCatalog instruments)
    {
        var check = new Check(TimeProvider.System);
        var range = TimeRange.Of(check, from, to);
        var after = (paging.After ?? "_").Split('_');
        if (after.Length != 2)
            check.Add("after", "is not a cursor of this list.");
        var parameters = new DynamicParameters(new
        {
            symbol = check.OptionalSymbol("symbol", symbol, instruments),
            from = range.From,
            to = range.To,
            afterSymbol = after[0],
            afterDay = after[^1],
        });
        return Pages.Read(database, paging, Sql, parameters, BySymbolAndDay, check);
    }
}
