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

    /// <summary>What prices and amounts are in, where that is not the portfolio's currency; null where it is.</summary>
    public string? Currency { get; init; }

    /// <summary>Of a position in another currency: the same in the portfolio's.</summary>
    public InBaseView? InBase { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime UpdatedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LotView>? Lots { get; init; }

    /// <param name="rateOf">The rate of a currency in the portfolio's; null where it is not known.</param>
    public static HoldingView Of(HoldingRow row, bool withLots, Func<string, Rate?> rateOf) => new()
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
        Currency = row.State.Currency,
        InBase = row.State.Currency is null ? null : InBaseView.Of(row, rateOf),
        CreatedAt = row.State.CreatedAt.UtcDateTime,
        UpdatedAt = row.State.UpdatedAt.UtcDateTime,
        Lots = !withLots ? null :
        [
            .. row.State.Lots.Select(
                lot => new LotView(lot.LotId, lot.OpenedAt.UtcDateTime, lot.Quantity, lot.Cost)),
        ],
    };
}

/// <summary>A position in another currency, in the portfolio's. What follows from a rate is null without it.</summary>
public sealed record InBaseView
{
    /// <summary>What one of the other currency is worth now, or was then.</summary>
    public decimal? Rate { get; init; }

    /// <summary>When the bar began that the rate is of.</summary>
    public DateTime? RateAt { get; init; }

    /// <summary>The pair that it is of.</summary>
    public string? RateSource { get; init; }

    public decimal? MarketValue { get; init; }

    /// <summary>Each lot at the rate of its purchase.</summary>
    public decimal? CostBasis { get; init; }

    public decimal? UnrealizedPnl { get; init; }

    /// <summary>The part of it that comes of the rate: the cost at the rate of now less the cost basis.</summary>
    public decimal? UnrealizedFxPnl { get; init; }

    /// <summary>Proceeds at the rates of their sales less cost at the rates of the purchases.</summary>
    public decimal? RealizedPnl { get; init; }

    /// <summary>The part of it that came of the rates.</summary>
    public decimal? RealizedFxPnl { get; init; }

    internal static InBaseView Of(HoldingRow row, Func<string, Rate?> rateOf)
    {
        var rate = rateOf(row.State.Currency!);
        return new InBaseView
        {
            Rate = rate?.Value,
            RateAt = rate?.At?.UtcDateTime,
            RateSource = rate?.Source,
            MarketValue = row.ValueInBase(rate),
            CostBasis = row.State.BaseCostBasis,
            UnrealizedPnl = row.UnrealizedInBase(rateOf),
            UnrealizedFxPnl = row.UnrealizedFx(rateOf),
            RealizedPnl = row.State.InBase is { IsWhole: true } pnl ? pnl.Realized : null,
            RealizedFxPnl = row.State.InBase is { IsWhole: true } fx ? fx.Fx : null,
        };
    }
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
internal sealed class HoldingReads(NpgsqlDataSource database, Ledger ledger, PastReads pasts, RateOf rates)
{
    private const string Sql =
        """
        SELECT holding_id, portfolio_id, symbol, quantity, average_price, cost_basis, current_price, price_at,
               multiplier, currency, market_value, unrealized_pnl, unrealized_pnl_percent, realized_pnl, created_at,
               updated_at
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
                    .Select(row => HoldingView.Of(row, withLots, past.Rates.GetValueOrDefault)),
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
        if (answer.Result is not Ok<Page<HoldingView>> { Value: { } page }
            || (!withLots && page.Items.All(item => item.Currency is null)))
            return answer;
        return TypedResults.Ok(page with { Items = await Whole(portfolioId, page.Items, withLots) });
    }

    // Lots are in the ledger's state and in no table. The whole position is taken from there, so that it and its lots
    // are of one moment.
    private async Task<IReadOnlyList<HoldingView>> Whole(
        int portfolioId, IReadOnlyList<HoldingView> items, bool withLots)
    {
        await using var connection = await database.OpenConnectionAsync();
        var version = await connection.ExecuteScalarAsync<long>(Version, new { portfolioId });
        var state = (await ledger.Read(portfolioId, version))!;
        return
        [
            .. items.Select(item => HoldingView.Of(
                new HoldingRow(portfolioId, state.Currency, state.Holdings[item.Symbol])
                {
                    Mark = new PriceMark(item.CurrentPrice, item.PriceAt),
                },
                withLots,
                code => rates(code, state.Currency.Code))),
        ];
    }
}
