using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Instruments;
using Bifrost.Projections.Trades;
using Bifrost.Replay.TimeTravel;
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

    /// <summary>What prices and amounts are in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    public bool IsShort { get; init; }

    public DateTime EntryDate { get; init; }

    public DateTime? ExitDate { get; init; }

    public decimal EntryPrice { get; init; }

    public decimal? ExitPrice { get; init; }

    public decimal Quantity { get; init; }

    /// <summary>What one of the quantity is worth at a price of one.</summary>
    public decimal Multiplier { get; init; }

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

    public static TradeView Of(TradeRow row)
    {
        var values = TradeRow.Table.Columns.ToDictionary(column => column.Name, column => column.Value(row));
        return new TradeView
        {
            TradeId = row.State.TradeId,
            PortfolioId = row.PortfolioId,
            Symbol = row.State.Symbol,
            Currency = row.State.Currency,
            IsShort = row.State.IsShort,
            EntryDate = row.State.EntryDate.UtcDateTime,
            ExitDate = row.State.ExitDate?.UtcDateTime,
            EntryPrice = (decimal)values["entry_price"]!,
            ExitPrice = (decimal?)values["exit_price"],
            Quantity = row.State.EntryQuantity,
            Multiplier = row.State.Multiplier ?? 1,
            ProfitActual = (decimal)values["profit_actual"]!,
            ProfitActualRatio = (decimal)values["profit_actual_ratio"]!,
            Commission = (decimal)values["commission"]!,
            Tax = (decimal)values["tax"]!,
            NetProfit = (decimal)values["net_profit"]!,
            Status = row.State.Status.ToString(),
            CreatedAt = row.State.EntryDate.UtcDateTime,
            UpdatedAt = row.State.UpdatedAt.UtcDateTime,
        };
    }
}

/// <summary>Round trips as they were, filtered as the present ones are.</summary>
internal sealed class PastTradeReads(PastReads pasts, PastTrades trades, InstrumentCatalog instruments)
{
    /// <summary>By what names instruments are known.</summary>
    public InstrumentCatalog Instruments => instruments;

    public async Task<Results<Ok<Page<TradeView>>, ProblemHttpResult>> Read(
        int portfolioId, string? status, string? symbol, Paging paging, PastQuery at, Check check)
    {
        var (word, only) = (
            check.OptionalWord<TradeStatus>("status", status), check.OptionalSymbol("symbol", symbol, instruments));
        var limit = Pages.Number(check, "limit", paging.Limit, Paging.Default);
        var after = (int)Math.Min(Pages.Number(check, "after", paging.After, 0), int.MaxValue);
        var (past, problem) = await pasts.Find(portfolioId, at, check, CancellationToken.None);
        if (past is null)
            return problem!;
        var items = new List<TradeView>();
        // Read on until the page is full: the filters apply to what the round trips were then.
        for (var isEnd = false; !isEnd && items.Count <= limit;)
        {
            var rows = await trades.Read(past, at.Read(check), after, Paging.Largest);
            isEnd = rows.Count < Paging.Largest;
            after = isEnd ? after : rows[^1].State.TradeId;
            items.AddRange(rows.Select(TradeView.Of).Where(trade =>
                (word is null || trade.Status == word) && (only is null || trade.Symbol == only)));
        }
        return Pages.Of(items, paging, Cursors.ByNumber<TradeView>(trade => trade.TradeId), check);
    }
}

internal static class ListTradesRoute
{
    private const string Sql =
        """
        SELECT trade_id, portfolio_id, symbol, is_short, entry_date, exit_date, entry_price, exit_price, quantity,
               profit_actual, profit_actual_ratio, commission, tax, net_profit, status, created_at, updated_at,
               multiplier, currency
        FROM trade
        WHERE portfolio_id = @portfolioId AND trade_id > @after
          AND (@status::varchar IS NULL OR status = @status) AND (@symbol::varchar IS NULL OR symbol = @symbol)
        ORDER BY trade_id LIMIT @take
        """;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/portfolios/{portfolioId:int}/trades", Handle)
        .OpenTo(AccessRule.ReadPortfolio).ReadsHistory()
        .WithName("ListTrades").WithTags("Holdings").WithSummary("Lists a portfolio's round trips, now or as they were")
        .AddEndpointFilter<PortfolioExists>()
        .ProducesProblem(400).ProducesProblem(404);

    private static async Task<Results<Ok<Page<TradeView>>, ProblemHttpResult>> Handle(
        int portfolioId,
        string? status,
        string? symbol,
        [AsParameters] Paging paging,
        [AsParameters] PastQuery at,
        NpgsqlDataSource database,
        PastTradeReads pasts)
    {
        var check = new Check(TimeProvider.System);
        if (at.IsAsked)
            return await pasts.Read(portfolioId, status, symbol, paging, at, check);
        var parameters = new DynamicParameters(new
        {
            portfolioId,
            status = check.OptionalWord<TradeStatus>("status", status),
            symbol = check.OptionalSymbol("symbol", symbol, pasts.Instruments),
        });
        return await Pages.Read<TradeView>(database, paging, Sql, parameters, trade => trade.TradeId, check);
    }
}
