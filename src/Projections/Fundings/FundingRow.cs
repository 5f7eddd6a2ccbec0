using Bifrost.Domain.Funding;
using static Bifrost.Projections.ColumnRole;

namespace Bifrost.Projections.Fundings;

/// <summary>What came or went without a trade, under its corrected terms; what was reversed has no row.</summary>
public sealed record FundingRow(CashMoved Event)
{
    public static readonly Table<FundingRow> Table = new Table<FundingRow>("funding")
        .Whole("funding_id", Key, row => row.Event.FundingId)
        .Whole("portfolio_id", Fixed, row => row.Event.PortfolioId)
        .Number("amount", Changing, row => row.Event.Amount)
        .Text("funding_type", Changing, row => row.Event.Type.ToString())
        .Time("funding_date", Changing, row => row.Event.OccurredAt)
        .Text("description", Changing, row => row.Event.Description)
        .Time("created_at", Changing, row => row.Event.OccurredAt)
        .Text("symbol", Changing, row => row.Event.Symbol)
        .Number("tax", Changing, row => row.Event.Tax ?? 0)
        .Text("external_id", Fixed, row => row.Event.ExternalId)
        .Text("correction_id", Changing, row => row.CorrectionId)
        .Text("currency", Changing, row => row.Event.Currency)
        .Number("bought_amount", Changing, row => (row.Event as CashExchanged)?.BoughtAmount)
        .Text("bought_currency", Changing, row => (row.Event as CashExchanged)?.BoughtCurrency);

    /// <summary>The id of the correction that the terms are of, if it has one.</summary>
    public string? CorrectionId { get; init; }
}
