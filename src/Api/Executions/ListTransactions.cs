using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Instruments;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.Executions;

/// <summary>A row of the transaction table: one fill.</summary>
public sealed record TransactionView
{
    public int TransactionId { get; init; }

    public int PortfolioId { get; init; }

    public string Symbol { get; init; } = "";

    public string TransactionType { get; init; } = "";

    public decimal Quantity { get; init; }

    public decimal Price { get; init; }

    /// <summary>What one of the quantity is worth at a price of one.</summary>
    public decimal Multiplier { get; init; }

    /// <summary>Quantity times price times multiplier in cents, or what was stated to have moved before fees.</summary>
    public decimal TotalAmount { get; init; }

    /// <summary>What the price and amounts are in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    /// <summary>What fees were paid in, where that is another.</summary>
    public string? FeeCurrency { get; init; }

    /// <summary>
    /// What the currency was worth in the portfolio's own; null where they are one, or it is not known.
    /// </summary>
    public decimal? Rate { get; init; }

    /// <summary>When the bar began that the rate is of; null where it was stated without a time.</summary>
    public DateTime? RateAt { get; init; }

    /// <summary>The pair that the rate is of, or stated.</summary>
    public string? RateSource { get; init; }

    public decimal Commission { get; init; }

    public decimal Tax { get; init; }

    /// <summary>The cash that moved, without its sign, as the legacy table has it.</summary>
    public decimal NetAmount { get; init; }

    /// <summary>The cash that moved: above zero where it came in. With funding it adds up to the balance.</summary>
    public decimal CashAmount { get; init; }

    public DateTime TransactionDate { get; init; }

    public string? Notes { get; init; }

    public DateTime CreatedAt { get; init; }

    public string ExecutionId { get; init; } = "";

    /// <summary>The id of the correction that these terms are of, if it has one.</summary>
    public string? CorrectionId { get; init; }

    /// <summary>What was taken as a fee of the shares themselves; the quantity is without it.</summary>
    public decimal FeeQuantity { get; init; }

    public int? OrderId { get; init; }
}

internal static class ListTransactionsRoute
{
    private const string Sql =
        """
        SELECT transaction_id, portfolio_id, symbol, transaction_type, quantity, price, total_amount, commission, tax,
               net_amount, cash_amount, transaction_date, notes, created_at, execution_id, order_id, correction_id,
               fee_quantity, multiplier, currency, fee_currency, rate, rate_at, rate_source
        FROM transaction
        WHERE portfolio_id = @portfolioId AND transaction_id > @after AND (@symbol::varchar IS NULL OR symbol = @symbol)
        ORDER BY transaction_id LIMIT @take
        """;

    public static void Map(IEndpointRouteBuilder api) => api
        .MapGet("/portfolios/{portfolioId:int}/transactions", Handle)
        .OpenTo(AccessRule.ReadPortfolio)
        .WithName("ListTransactions").WithTags("Executions").WithSummary("Lists a portfolio's fills")
        .AddEndpointFilter<OnlyPresent>().AddEndpointFilter<PortfolioExists>()
        .ProducesProblem(400).ProducesProblem(404);

    private static Task<Results<Ok<Page<TransactionView>>, ProblemHttpResult>> Handle(
        int portfolioId,
        string? symbol,
        [AsParameters] Paging paging,
        NpgsqlDataSource database,
        InstrumentCatalog instruments)
    {
        var check = new Check(TimeProvider.System);
        var parameters = new DynamicParameters(new
        {
            portfolioId, symbol = check.OptionalSymbol("symbol", symbol, instruments),
        });
        return Pages.Read<TransactionView>(
            database, paging, Sql, parameters, transaction => transaction.TransactionId, check);
    }
}
