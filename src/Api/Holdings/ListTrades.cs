using Bifrost.Api.Http;
using Bifrost.Domain;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.Holdings;

/// <summary>A row of the trade table: a round trip from flat to flat.</summary>
public sealed record TradeView
{
    public int TradeId { get; init; }

    public int PortfolioId { get; init; }

    public string Symbol { get; init; } = "";

    public bool IsShort { get; init; }

    public DateTime EntryDate { get; init; }

    public DateTime? ExitDate { get; init; }

    public decimal EntryPrice { get; init; }

    public decimal? ExitPrice { get; init; }

    public decimal Quantity { get; init; }

    /// <summary>Sold less bought, before fees.</summary>
    public decimal ProfitActual { get; init; }

    public decimal ProfitActualRatio { get; init; }

    public decimal Commission { get; init; }

    public decimal Tax { get; init; }

    /// <summary>Realized by the lot method, net of fees.</summary>
    public decimal NetProfit { get; init; }

    public string Status { get; init; } = "";

    public DateTime CreatedAt { get; init; }

    public DateTime UpdatedAt { get; init; }
}

internal static class ListTradesRoute
{
    private const string Sql =
        """
        SELECT trade_id, portfolio_id, symbol, is_short, entry_date, exit_date, entry_price, exit_price, quantity,
               profit_actual, profit_actual_ratio, commission, tax, net_profit, status, created_at, updated_at
        FROM trade
        WHERE portfolio_id = @portfolioId AND trade_id > @after
          AND (@status::varchar IS NULL OR status = @status) AND (@symbol::varchar IS NULL OR symbol = @symbol)
        ORDER BY trade_id LIMIT @take
        """;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/portfolios/{portfolioId:int}/trades", Handle)
        .WithName("ListTrades").WithTags("Holdings").WithSummary("Lists a portfolio's round trips")
        .AddEndpointFilter<NotBuiltYet>().AddEndpointFilter<PortfolioExists>()
        .ProducesProblem(400).ProducesProblem(404);

    private static Task<Results<Ok<Page<TradeView>>, ProblemHttpResult>> Handle(
        int portfolioId, string? status, string? symbol, [AsParameters] Paging paging, NpgsqlDataSource database)
    {
        var check = new Check(TimeProvider.System);
        var parameters = new DynamicParameters(new
        {
            portfolioId,
            status = check.OptionalWord<TradeStatus>("status", status),
            symbol = check.OptionalSymbol("symbol", symbol),
        });
        return Pages.Read<TradeView>(database, paging, Sql, parameters, trade => trade.TradeId, check);
    }
}
