using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.Instruments;
using Bifrost.Domain;
using Bifrost.Instruments;
using Bifrost.Workers;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.MarketData;

internal static class GetSymbolRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/market-data/symbols/{symbol}", Handle)
        .OpenTo(AccessRule.ReadMarket)
        .WithName("GetSymbol").WithTags("Market data").WithSummary("Shows a symbol with its latest price")
        .ProducesProblem(404);

    private static async Task<Results<Ok<SymbolView>, ProblemHttpResult>> Handle(
        string symbol,
        [FromKeyedServices(MarketModule.Connections)] NpgsqlDataSource database,
        InstrumentCatalog instruments)
    {
        var name = instruments.OfPath(symbol);
        await using var connection = await database.OpenConnectionAsync();
        return await Find(connection, name) is { } found
            ? TypedResults.Ok(found)
            : Problems.Of(Problems.SymbolNotFound, $"There is no symbol {name}.");
    }

    /// <summary>Null where it is not known, or can be none.</summary>
    public static async Task<SymbolView?> Find(NpgsqlConnection connection, string symbol) =>
        Symbols.Canonical(symbol) is { } canonical
            ? await connection.QuerySingleOrDefaultAsync<SymbolView>(
                $"{SymbolView.Sql} WHERE s.symbol = @canonical AND {SymbolView.IsPublic}", new { canonical })
            : null;
}
