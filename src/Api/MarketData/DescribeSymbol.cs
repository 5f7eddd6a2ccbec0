using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.Instruments;
using Bifrost.Instruments;
using Bifrost.Workers;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.MarketData;

/// <summary>What is known of a symbol. What is left out stays as it is.</summary>
public sealed record DescribeSymbolRequest
{
    public string? Name { get; init; }

    public string? Market { get; init; }

    public string? AssetType { get; init; }

    public string? Status { get; init; }

    public DateOnly? IpoDate { get; init; }

    public DateOnly? DelistingDate { get; init; }

    public bool? IsDelisted { get; init; }

    public string? LongName { get; init; }

    public string? Exchange { get; init; }

    public string? Currency { get; init; }

    public string? Sector { get; init; }

    public string? Industry { get; init; }

    public string? Country { get; init; }

    public string? Website { get; init; }

    public string? TimeZone { get; init; }
}

internal static class DescribeSymbolRoute
{
    private const string Symbol =
        """
        INSERT INTO market_symbol AS s (
            symbol, name, market, asset_type, status, ipo_date, delisting_date, is_delisted, has_company_info)
        VALUES (@symbol, coalesce(@name, @symbol), coalesce(@market, 'UNKNOWN'), coalesce(@assetType, 'UNKNOWN'),
                coalesce(@status, 'ACTIVE'), @ipoDate, @delistingDate, coalesce(@isDelisted, false), @hasCompany)
        ON CONFLICT (symbol) DO UPDATE SET
            name = coalesce(@name, s.name), market = coalesce(@market, s.market),
            asset_type = coalesce(@assetType, s.asset_type),
            status = coalesce(@status, nullif(s.status, 'UNKNOWN'), 'ACTIVE'),
            ipo_date = coalesce(@ipoDate, s.ipo_date), delisting_date = coalesce(@delistingDate, s.delisting_date),
            is_delisted = coalesce(@isDelisted, s.is_delisted),
            has_company_info = coalesce(s.has_company_info, false) OR @hasCompany
        """;

    private const string Stock =
        """
        INSERT INTO market_stock AS k (
            symbol, long_name, exchange, currency, sector, industry, country, website, time_zone_full_name)
        VALUES (@symbol, @longName, @exchange, @currency, @sector, @industry, @country, @website, @timeZone)
        ON CONFLICT (symbol) DO UPDATE SET
            long_name = coalesce(@longName, k.long_name), exchange = coalesce(@exchange, k.exchange),
            currency = coalesce(@currency, k.currency), sector = coalesce(@sector, k.sector),
            industry = coalesce(@industry, k.industry), country = coalesce(@country, k.country),
            website = coalesce(@website, k.website),
            time_zone_full_name = coalesce(@timeZone, k.time_zone_full_name)
        """;

    public static void Map(IEndpointRouteBuilder api) => api.MapPut("/market-data/symbols/{symbol}", Handle)
        .OpenTo(AccessRule.LoadMarket)
        .WithName("DescribeSymbol").WithTags("Market data")
        .WithSummary("Says what a symbol is, and makes it known; fields that are left out stay as they are")
        .ProducesProblem(400).ProducesProblem(415);

    private static async Task<Results<Ok<SymbolView>, ProblemHttpResult>> Handle(
        string symbol,
        Body<DescribeSymbolRequest> body,
        [FromKeyedServices(MarketModule.Connections)] NpgsqlDataSource database,
        InstrumentCatalog instruments)
    {
        if (body.Problem is { } problem)
            return problem;
        var check = new Check(TimeProvider.System);
        var name = instruments.OfPath(symbol);
        var parameters = Checked(check, name, body.Value);
        // It says that nobody has described the symbol, which somebody just does.
        if (body.Value.Status?.Trim() == "UNKNOWN")
            check.Add("status", "is not UNKNOWN of a symbol that is described: ACTIVE says no more than that.");
        if (check.Failed)
            return check.Problem;
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync(Symbol, parameters);
        if (parameters.Get<bool>("hasCompany"))
            await connection.ExecuteAsync(Stock, parameters);
        await transaction.CommitAsync();
        return TypedResults.Ok((await GetSymbolRoute.Find(connection, name))!);
    }

    private static DynamicParameters Checked(Check check, string symbol, DescribeSymbolRequest r) => new(new
    {
        symbol = check.Symbol("symbol", symbol),
        name = check.OptionalText("name", r.Name, 200),
        market = check.OptionalText("market", r.Market, 50),
        assetType = check.OptionalText("assetType", r.AssetType, 50),
        status = check.OptionalText("status", r.Status, 20),
        ipoDate = r.IpoDate,
        delistingDate = r.DelistingDate,
        isDelisted = r.IsDelisted,
        longName = check.OptionalText("longName", r.LongName, 200),
        exchange = check.OptionalText("exchange", r.Exchange, 10),
        currency = check.OptionalText("currency", r.Currency, 10),
        sector = check.OptionalText("sector", r.Sector, 100),
        industry = check.OptionalText("industry", r.Industry, 100),
        country = check.OptionalText("country", r.Country, 100),
        website = check.OptionalText("website", r.Website, 2000),
        timeZone = check.OptionalText("timeZone", r.TimeZone, 50),
        hasCompany = OfCompany(r).Any(value => value is not null),
    });

    private static string?[] OfCompany(DescribeSymbolRequest r) =>
        [r.LongName, r.Exchange, r.Currency, r.Sector, r.Industry, r.Country, r.Website, r.TimeZone];
}
