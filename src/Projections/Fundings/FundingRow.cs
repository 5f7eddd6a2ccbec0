using Bifrost.Domain.Funding;
using static Bifrost.Projections.ColumnRole;

namespace Bifrost.Projections.Fundings;

public sealed record FundingRow(CashMoved Event)
{
    public static readonly Table<FundingRow> Table = new Table<FundingRow>("funding")
        .Whole("funding_id", Key, row => row.Event.FundingId)
        .Whole("portfolio_id", Fixed, row => row.Event.PortfolioId)
        .Number("amount", Fixed, row => row.Event.Amount)
        .Text("funding_type", Fixed, row => row.Event.Type.ToString())
        .Time("funding_date", Fixed, row => row.Event.OccurredAt)
        .Text("description", Fixed, row => row.Event.Description)
        .Time("created_at", Fixed, row => row.Event.OccurredAt)
        .Text("symbol", Fixed, row => row.Event.Symbol);
}
