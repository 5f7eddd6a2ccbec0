using System.Globalization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Domain.Instruments;
using Bifrost.Instruments;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.Instruments;

internal static class GetInstrumentRoute
{
    // As it is listed.
    private const string IsKnown =
        """
        SELECT EXISTS (SELECT FROM market_last_price WHERE symbol = @symbol)
            OR EXISTS (SELECT FROM holding h JOIN portfolio p USING (portfolio_id)
                       WHERE h.symbol = @symbol AND (@userId::integer IS NULL OR p.user_id = @userId))
        """;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/instruments/{idOrSymbol}", Handle)
        .OpenTo(AccessRule.ReadMarket)
        .WithName("GetInstrument").WithTags("Instruments")
        .WithSummary("Shows an instrument by its symbol, by an alias, or by its id")
        .ProducesProblem(404);

    private static async Task<Results<Ok<InstrumentView>, ProblemHttpResult>> Handle(
        string idOrSymbol,
        HttpContext http,
        NpgsqlDataSource database,
        InstrumentCatalog instruments)
    {
        await instruments.Refresh(http.RequestAborted);
        var name = instruments.OfPath(idOrSymbol);
        var symbol = Symbols.Canonical(name);
        // Some symbols are numbers, such as those of Tokyo, so a number is a symbol before it is an id.
        if (symbol is not null && instruments.Find(symbol) is { } described)
            return TypedResults.Ok(InstrumentView.Of(described));
        await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
        var asked = new { symbol, userId = Caller.Of(http).UserId };
        if (symbol is not null && await connection.QuerySingleAsync<bool>(IsKnown, asked))
            return TypedResults.Ok(InstrumentView.Of(Instrument.Undescribed(symbol)));
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && instruments.All.FirstOrDefault(one => one.Id == id) is { } numbered
                ? TypedResults.Ok(InstrumentView.Of(numbered))
                : Problems.Of(Problems.InstrumentNotFound, $"There is no instrument {name}.");
    }
}
