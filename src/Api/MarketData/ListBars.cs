using System.Globalization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.Instruments;
using Bifrost.Instruments;
using Bifrost.Workers;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.MarketData;

/// <summary>What was traded of a symbol in one interval.</summary>
public sealed record BarView
{
    /// <summary>When the interval began. A day is the session's date, a week its Monday, at midnight UTC.</summary>
    public DateTime Time { get; init; }

    public decimal Open { get; init; }

    public decimal High { get; init; }

    public decimal Low { get; init; }

    public decimal Close { get; init; }

    public decimal Volume { get; init; }

    /// <summary>The close less later splits and dividends; null where the source had none.</summary>
    public decimal? AdjClose { get; init; }

    /// <summary>Whether it was rolled up of finer bars; a source's own bar goes first.</summary>
    public bool IsRollup { get; init; }
}

internal static class ListBarsRoute
{
    private const string Minutes =
        """
        SELECT time, open, high, low, close, volume::numeric AS volume, adj_close, false AS is_rollup
        FROM market_stock_hist_bars_min_ts
        WHERE symbol = @symbol AND time >= @from AND time < @to AND time > @after
        ORDER BY time LIMIT @take
        """;

    private const string Weeks =
        """
        SELECT week AS time, open_price AS open, high_price AS high, low_price AS low, close_price AS close,
               total_volume AS volume, NULL::numeric AS adj_close, true AS is_rollup
        FROM weekly_price_aggregates
        WHERE symbol = @symbol AND week >= @from AND week < @to AND week > @after
        ORDER BY week LIMIT @take
        """;

    // Both sides are read in order by their keys and only as far as the page goes.
    private const string BarsAndRollups =
        """
        SELECT * FROM (
            SELECT time, open, high, low, close, volume::numeric AS volume, adj_close, false AS is_rollup
            FROM {bars}
            WHERE symbol = @symbol AND time >= @from AND time < @to AND time > @after
            ORDER BY time LIMIT @take
        ) own
        UNION ALL
        SELECT * FROM (
            SELECT r.{time} AS time, r.open_price, r.high_price, r.low_price, r.close_price, r.total_volume,
                   NULL::numeric, true
            FROM {rollups} r
            WHERE r.symbol = @symbol AND r.{time} >= @from AND r.{time} < @to AND r.{time} > @after
              AND NOT EXISTS (SELECT FROM {bars} b
                              WHERE b.symbol = r.symbol AND b.time = r.{time} AND b.time >= @from AND b.time < @to)
            ORDER BY r.{time} LIMIT @take
        ) rolled_up
        ORDER BY time LIMIT @take
        """;

    private static readonly Dictionary<string, string> Sql = new()
    {
        ["min"] = Minutes,
        ["hour"] = BarsAndRollups.Replace("{bars}", "market_stock_hist_bars_hour_ts")
            .Replace("{rollups}", "hourly_price_aggregates").Replace("{time}", "hour"),
        ["day"] = BarsAndRollups.Replace("{bars}", "market_stock_hist_bars_day_ts")
            .Replace("{rollups}", "daily_price_aggregates").Replace("{time}", "day"),
        ["week"] = Weeks,
    };

    private static readonly Cursor<BarView> ByTime = new(
        (check, text) => check.MarketTime("after", text) ?? DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc),
        bar => bar.Time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFZ", CultureInfo.InvariantCulture));

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/market-data/bars/{symbol}", Handle)
        .OpenTo(AccessRule.ReadMarket)
        .WithName("ListBars").WithTags("Market data")
        .WithSummary("Lists a symbol's bars by time: interval is min, hour, day or week; from is included, to is not")
        .ProducesProblem(400).ProducesProblem(404);

    private static async Task<Results<Ok<Page<BarView>>, ProblemHttpResult>> Handle(
        string symbol,
        string? interval,
        string? from,
        string? to,
        [AsParameters] Paging paging,
        [FromKeyedServices(MarketModule.Connections)] NpgsqlDataSource database,
        InstrumentCatalog instruments)
    {
        var name = instruments.OfPath(symbol);
        var check = new Check(TimeProvider.System);
        if (!Sql.TryGetValue(interval ?? "day", out var sql))
            check.Add("interval", "is min, hour, day or week.");
        var range = TimeRange.Of(check, from, to);
        if (!check.Failed)
        {
            await using var connection = await database.OpenConnectionAsync();
            if (await GetSymbolRoute.Find(connection, name) is null)
                return Problems.Of(Problems.SymbolNotFound, $"There is no symbol {name}.");
        }
        var parameters = new DynamicParameters(new
        {
            symbol = Domain.Symbols.Canonical(name), from = range.From, to = range.To,
        });
        return await Pages.Read(database, paging, sql ?? Minutes, parameters, ByTime, check);
    }
}
