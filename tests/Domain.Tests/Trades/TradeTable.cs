namespace Bifrost.Domain.Tests;

/// <summary>The trade table as its streams tell it: one row for each round trip that was not voided.</summary>
internal static class TradeTable
{
    public static Dictionary<int, Trade> Of(Ledger ledger)
    {
        var rows = new Dictionary<int, Trade>();
        foreach (var recorded in ledger.History)
        {
            if (recorded.Event is TradeVoided voided)
                rows.Remove(voided.TradeId).ShouldBeTrue($"Trade {voided.TradeId} is voided and never was.");
            else if (recorded.Event is TradeEvent e)
                rows[e.TradeId] = Trade.Evolve(rows.GetValueOrDefault(e.TradeId), e, recorded.RecordedAt);
        }
        return rows;
    }
}
