using Bifrost.Domain;
using Bifrost.Domain.Holdings;
using static Bifrost.Projections.ColumnRole;

namespace Bifrost.Projections.Transactions;

/// <summary>A fill, under its corrected terms; a busted one has no row.</summary>
/// <param name="Own">The portfolio's currency.</param>
/// <param name="CashAmount">The cash that moved: above zero where it came in.</param>
public sealed record TransactionRow(int PortfolioId, Currency Own, Fill Fill, decimal CashAmount)
{
    public static readonly Table<TransactionRow> Table = new Table<TransactionRow>("transaction")
        .Whole("transaction_id", Key, row => row.Fill.TransactionId)
        .Whole("portfolio_id", Fixed, row => row.PortfolioId)
        .Text("symbol", Fixed, row => row.Fill.Symbol)
        .Text("transaction_type", Fixed, row => row.Fill.Side.ToString())
        .Number("quantity", Changing, row => row.Fill.Quantity)
        .Number("price", Changing, row => row.Fill.Price)
        .Number("total_amount", Changing, row => Display.Amount(row.Fill.Gross, row.Currency))
        .Number("commission", Changing, row => row.Fill.Commission)
        .Number("tax", Changing, row => row.Fill.Tax)
        .Number("net_amount", Changing, row => Math.Abs(row.CashAmount))
        .Time("transaction_date", Changing, row => row.Fill.OccurredAt)
        .Time("created_at", Changing, row => row.Fill.OccurredAt)
        .Text("execution_id", Fixed, row => row.Fill.ExecutionId)
        .Whole("order_id", Fixed, row => row.Fill.OrderId)
        .Number("cash_amount", Changing, row => row.CashAmount)
        .Number("fee_quantity", Changing, row => row.Fill.FeeQuantity ?? 0)
        .Text("correction_id", Changing, row => row.CorrectionId)
        .Number("multiplier", Changing, row => row.Fill.Multiplier ?? 1)
        .Text("currency", Fixed, row => row.Fill.Currency)
        .Text("fee_currency", Changing, row => row.Fill.FeeCurrency)
        .Number("rate", Changing, row => row.Fill.Rate?.Value)
        .Time("rate_at", Changing, row => row.Fill.Rate?.At)
        .Text("rate_source", Changing, row => row.Fill.Rate?.Source);

    /// <summary>The id of the correction that the terms are of, if it has one.</summary>
    public string? CorrectionId { get; init; }

    private Currency Currency => Fill.Currency is { } other ? Currency.Of(other) : Own;

    public static TransactionRow Of(HoldingFilled e, Currency own) => new(e.PortfolioId, own, e.ToFill(), e.CashAmount);

    public static TransactionRow Of(int portfolioId, Fill corrected, Currency own) =>
        new(portfolioId, own, corrected, corrected.Cash(own));
}
