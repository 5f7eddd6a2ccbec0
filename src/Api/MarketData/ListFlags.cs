using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Instruments;
using Bifrost.MarketData.Quality;
using Bifrost.Workers;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.MarketData;

/// <summary>What is suspicious about a bar that is stored all the same.</summary>
public sealed record FlagView
{
    public string Symbol { get; init; } = "";

    public string Interval { get; init; } = "";

    /// <summary>The bar, or the first of several.</summary>
    public DateTime Time { get; init; }

    public string Kind { get; init; } = "";

    public string Detail { get; init; } = "";
}

internal static class ListFlagsRoute
{
    private const string Sql =
        """
        SELECT symbol, bar_interval AS interval, time, kind, detail FROM market_bar_flag
        WHERE symbol = @symbol AND (@kind::varchar IS NULL OR kind = @kind)
          AND (bar_interval, to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), kind)
              > (split_part(@after, '/', 1), split_part(@after, '/', 2), split_part(@after, '/', 3))
        ORDER BY bar_interval, time, kind LIMIT @take
        """;

    private static readonly Cursor<FlagView> ByKey = Cursors.ByText<FlagView>(
        item => $"{item.Interval}/{item.Time:yyyy-MM-dd HH:mm:ss.ffffff}/{item.Kind}");

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/market-data/symbols/{symbol}/flags", Handle)
        .OpenTo(AccessRule.ReadMarket)
        .WithName("ListFlags").WithTags("Market data").WithSummary("Lists what is suspicious about a symbol's bars")
        .ProducesProblem(400);

    private static Task<Results<Ok<Page<FlagView>>, ProblemHttpResult>> Handle(
        string symbol,
        string? kind,
        [AsParameters] Paging paging,
        [FromKeyedServices(MarketModule.Connections)] NpgsqlDataSource database,
        InstrumentCatalog instruments)
    {
        var check = new Check(TimeProvider.System);
        var parameters = new DynamicParameters(new
        {
            symbol = check.Symbol("symbol", PathText.Decoded(symbol), instruments),
            kind = check.OptionalWord<FlagKind>("kind", kind),
        });
        return Pages.Read(database, paging, Sql, parameters, ByKey, check);
    }
}
