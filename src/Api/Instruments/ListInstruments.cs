using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Domain.Instruments;
using Bifrost.Instruments;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.Instruments;

/// <summary>A symbol that is listed, and whether somebody has described it.</summary>
internal sealed record ListedSymbol
{
    public string Symbol { get; init; } = "";
}

internal static class ListInstrumentsRoute
{
    // Of what nobody has described there are the symbols with bars, and those that are held where the caller may see
    // it: to others they would tell what one trader has.
    private const string Sql =
        """
        SELECT s.symbol FROM market_symbol s LEFT JOIN instrument i ON i.symbol = s.symbol
        WHERE s.symbol > @after COLLATE "C"
          AND (i.symbol IS NOT NULL OR EXISTS (SELECT FROM market_last_price p WHERE p.symbol = s.symbol)
               OR EXISTS (SELECT FROM holding h JOIN portfolio p USING (portfolio_id)
                          WHERE h.symbol = s.symbol AND (@userId::integer IS NULL OR p.user_id = @userId)))
          AND (@type::varchar IS NULL OR coalesce(i.type, 'STOCK') = @type)
          AND (@exchange::varchar IS NULL OR i.exchange = @exchange)
          AND (@described::boolean IS NULL OR (i.symbol IS NOT NULL) = @described)
        ORDER BY s.symbol COLLATE "C" LIMIT @take
        """;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/instruments", Handle)
        .OpenTo(AccessRule.ReadMarket)
        .WithName("ListInstruments").WithTags("Instruments")
        .WithSummary("Lists instruments by symbol, those that nobody has described among them")
        .ProducesProblem(400);

    private static async Task<Results<Ok<Page<InstrumentView>>, ProblemHttpResult>> Handle(
        string? type,
        string? exchange,
        string? described,
        [AsParameters] Paging paging,
        HttpContext http,
        NpgsqlDataSource database,
        InstrumentCatalog instruments)
    {
        var check = new Check(TimeProvider.System);
        if (described is not (null or "true" or "false"))
            check.Add("described", "is true or false.");
        var parameters = new DynamicParameters(new
        {
            type = check.OptionalWord<InstrumentType>("type", type),
            exchange = exchange?.ToUpperInvariant(),
            described = described is null ? (bool?)null : described == "true",
            userId = Caller.Of(http).UserId,
        });
        check.OptionalText("after", paging.After, Symbols.Longest);
        var listed = await Pages.Read(
            database, paging, Sql, parameters, Cursors.ByText<ListedSymbol>(item => item.Symbol), check);
        if (listed.Result is not Ok<Page<ListedSymbol>> { Value: { } page })
            return (ProblemHttpResult)listed.Result;
        // The listing is of the database, and may be a moment ahead of what is in memory.
        await instruments.Refresh(http.RequestAborted);
        return TypedResults.Ok(new Page<InstrumentView>(
            [.. page.Items.Select(item => ViewOf(item.Symbol, instruments))], page.Next));
    }

    private static InstrumentView ViewOf(string symbol, InstrumentCatalog instruments) =>
        instruments.Find(symbol) is { } described
            ? InstrumentView.Of(described)
            : InstrumentView.Of(Instrument.Undescribed(symbol));
}
