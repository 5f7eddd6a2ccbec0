using System.Text.Json.Serialization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Domain.Holdings;
using Bifrost.Grains;
using Bifrost.Instruments;
using Bifrost.Projections.Holdings;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Bifrost.Api.Holdings;

/// <summary>A position. Flat ones stay listed, with what they realized.</summary>
public sealed record HoldingView
{
    public int HoldingId { get; init; }

    public int PortfolioId { get; init; }

    public string Symbol { get; init; } = "";

    /// <summary>Below zero for a short position.</summary>
    public decimal Quantity { get; init; }

    /// <summary>Cost basis by quantity and multiplier, for display.</summary>
    public decimal AveragePrice { get; init; }

    /// <summary>Exact, with the fees of the purchases.</summary>
    public decimal CostBasis { get; init; }

    /// <summary>
    /// The last known price: the market's, or that of the latest fill where the market has told none.
    /// </summary>
    public decimal CurrentPrice { get; init; }

    /// <summary>When the bar began whose close is the price; null where it is that of a fill.</summary>
    public DateTime? PriceAt { get; init; }

    /// <summary>What one of the quantity is worth at a price of one: 100 of an option on 100 shares.</summary>
    public decimal Multiplier { get; init; }

    /// <summary>Quantity times current price times multiplier.</summary>
    public decimal MarketValue { get; init; }

    public decimal UnrealizedPnl { get; init; }

    public decimal UnrealizedPnlPercent { get; init; }

    /// <summary>Net of all fees, exact, over the life of the holding.</summary>
    public decimal RealizedPnl { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime UpdatedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LotView>? Lots { get; init; }

    public static HoldingView Of(HoldingRow row, bool withLots) => new()
    {
        HoldingId = row.State.HoldingId,
        PortfolioId = row.PortfolioId,
        Symbol = row.State.Symbol,
        Quantity = row.State.Quantity,
        AveragePrice = row.AveragePrice,
        CostBasis = row.State.CostBasis,
        CurrentPrice = row.Mark.Price,
        PriceAt = row.Mark.At?.UtcDateTime,
        Multiplier = row.Multiplier,
        MarketValue = row.MarketValue,
        UnrealizedPnl = row.UnrealizedPnl,
        UnrealizedPnlPercent = row.UnrealizedPnlPercent,
        RealizedPnl = row.State.RealizedPnl,
        CreatedAt = row.State.CreatedAt.UtcDateTime,
        UpdatedAt = row.State.UpdatedAt.UtcDateTime,
        Lots = !withLots ? null :
        [
            .. row.State.Lots.Select(
                lot => new LotView(lot.LotId, lot.OpenedAt.UtcDateTime, lot.Quantity, lot.Cost)),
        ],
    };
}

/// <summary>Shares acquired together; the id is that of the transaction that opened the lot.</summary>
public sealed record LotView(int LotId, DateTime OpenedAt, decimal Quantity, decimal CostBasis);

internal static class ListHoldingsRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/portfolios/{portfolioId:int}/holdings", Handle)
        .OpenTo(AccessRule.ReadPortfolio).ReadsHistory()
        .WithName("ListHoldings").WithTags("Holdings")
        .WithSummary("Lists a portfolio's positions, now or as they were, with their lots if asked")
        .AddEndpointFilter<PortfolioExists>()
        .ProducesProblem(400).ProducesProblem(404);

    private static async Task<Results<Ok<Page<HoldingView>>, ProblemHttpResult>> Handle(
        int portfolioId,
        string? symbol,
        string? include,
        [AsParameters] Paging paging,
        [AsParameters] PastQuery at,
        [FromServices] HoldingReads reads,
        InstrumentCatalog instruments)
    {
        var check = new Check(TimeProvider.System);
        if (include is not (null or "lots"))
            check.Add("include", "can be lots.");
        var only = check.OptionalSymbol("symbol", symbol, instruments);
        return at.IsAsked
            ? await reads.Past(portfolioId, only, include is not null, at, paging, check)
            : await reads.Present(portfolioId, only, include is not null, paging, check);
    }
}

/// <summary>Where positions are read from: the table, the ledger's state, or the past.</summary>
internal sealed class HoldingReads(NpgsqlDataSource database, Ledger ledger, PastReads pasts)
{
    private const string Sql =
        """
        SELECT holding_id, portfolio_id, symbol, quantity, average_price, cost_basis, current_price, price_at,
               multiplier, market_value, unrealized_pnl, unrealized_pnl_percent, realized_pnl, created_at, updated_at
        FROM holding
        WHERE portfolio_id = @portfolioId AND holding_id > @after AND (@symbol::varchar IS NULL OR symbol = @symbol)
        ORDER BY holding_id LIMIT @take
        """;

    private const string Version = "SELECT version FROM portfolio WHERE portfolio_id = @portfolioId";

    public async Task<Results<Ok<Page<HoldingView>>, ProblemHttpResult>> Past(
        int portfolioId, string? symbol, bool withLots, PastQuery at, Paging paging, Check check)
    {
        var (past, problem) = await pasts.Valued(portfolioId, at, check, CancellationToken.None);
        return past is null
            ? problem!
            : Pages.Of(
                past.Holdings.Where(row => symbol is null || row.State.Symbol == symbol)
                    .Select(row => HoldingView.Of(row, withLots)),
                paging,
                Cursors.ByNumber<HoldingView>(holding => holding.HoldingId),
                check);
    }

    public async Task<Results<Ok<Page<HoldingView>>, ProblemHttpResult>> Present(
        int portfolioId, string? symbol, bool withLots, Paging paging, Check check)
    {
        var parameters = new DynamicParameters(new { portfolioId, symbol });
        var answer = await Pages.Read<HoldingView>(
            database, paging, Sql, parameters, holding => holding.HoldingId, check);
        if (!withLots || answer.Result is not Ok<Page<HoldingView>> { Value: { } page })
            return answer;
        return TypedResults.Ok(page with { Items = await WithLots(portfolioId, page.Items) });
    }

    // Lots are in the ledger's state and in no table. The whole position is taken from there, so that it and its lots
    // are of one moment.
    private async Task<IReadOnlyList<HoldingView>> WithLots(int portfolioId, IReadOnlyList<HoldingView> items)
    {
        await using var connection = await database.OpenConnectionAsync();
        var version = await connection.ExecuteScalarAsync<long>(Version, new { portfolioId });
        var holdings = (await ledger.Read(portfolioId, version))!.Holdings;
        return
        [
            .. items.Select(item => HoldingView.Of(
                new HoldingRow(portfolioId, holdings[item.Symbol])
                {
                    Mark = new PriceMark(item.CurrentPrice, item.PriceAt),
                },
                withLots: true)),
        ];
    }
}
