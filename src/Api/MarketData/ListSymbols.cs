using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Workers;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.MarketData;

internal static class ListSymbolsRoute
{
    // A search is for the beginning of the symbol, or for a part of the name; %, _ and \ in it are what they say.
    private const string Sql =
        $"""
        {SymbolView.Sql}
        WHERE s.symbol > @after COLLATE "C" AND {SymbolView.IsPublic}
          AND (@search::text IS NULL OR s.symbol LIKE upper(@search) || '%' OR s.name ILIKE '%' || @search || '%')
          AND (@market::varchar IS NULL OR s.market = @market)
          AND (@assetType::varchar IS NULL OR s.asset_type = @assetType)
          AND (@status::varchar IS NULL OR s.status = @status)
        ORDER BY s.symbol COLLATE "C" LIMIT @take
        """;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/market-data/symbols", Handle)
        .OpenTo(AccessRule.ReadMarket)
        .WithName("ListSymbols").WithTags("Market data").WithSummary("Lists or searches symbols, with their prices")
        .ProducesProblem(400);

    private static Task<Results<Ok<Page<SymbolView>>, ProblemHttpResult>> Handle(
        string? search,
        string? market,
        string? assetType,
        string? status,
        [AsParameters] Paging paging,
        [FromKeyedServices(MarketModule.Connections)] NpgsqlDataSource database)
    {
        var check = new Check(TimeProvider.System);
        var parameters = new DynamicParameters(new
        {
            search = Literal(check.OptionalText("search", search, 100)),
            market = check.OptionalText("market", market, 50),
            assetType = check.OptionalText("assetType", assetType, 50),
            status = check.OptionalText("status", status, 20),
        });
        check.OptionalText("after", paging.After, Symbols.Longest);
        return Pages.Read(database, paging, Sql, parameters, Cursors.ByText<SymbolView>(item => item.Symbol), check);
    }

    private static string? Literal(string? search) =>
        search?.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_");
}
