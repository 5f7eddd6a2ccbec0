using System.Text;
using System.Text.Json.Nodes;
using Bifrost.Domain;
using Bifrost.Domain.Tests;
using Bifrost.EventStore;
using Bifrost.Replay.Tests.Explaining;

namespace Bifrost.Replay.Tests;

/// <summary>A history as the first build would have stored it folds to the state that it has today.</summary>
public sealed class OlderShapeProperties
{
    // What events have today and did not have at first.
    private static readonly Dictionary<string, string[]> Later = new()
    {
        ["trade_restated"] = ["version"],
        ["holding_restated"] = ["lastPrice", "lastPriceAt", "tradeIds"],
        ["holding_split"] = ["lastPriceAt"],
        ["lot_opened"] = ["isLate"],
        ["lots_matched"] = ["named", "isLate"],
        ["order_placed"] = ["estimatedFees"],
    };

    [Fact]
    public void a_history_of_older_shapes_folds_to_the_same_state() => Property.Holds(Scenario.Any, scenario =>
    {
        var ledger = scenario.Run();

        var folded = (Portfolio?)null;
        foreach (var stored in StoredHistory.Of(ledger))
            folded = Portfolio.Evolve(folded, new Recorded(AsAtFirst(stored), stored.RecordedAt));

        Told(folded!).ShouldBe(Told(ledger.State));
        foreach (var holding in ledger.State.Holdings.Values)
        {
            var older = folded!.Holdings[holding.Symbol];
            (older.Quantity, older.CostBasis, older.RealizedPnl, older.Version)
                .ShouldBe((holding.Quantity, holding.CostBasis, holding.RealizedPnl, holding.Version));
            older.Lots.ShouldBe(holding.Lots);
        }
        folded!.Trades.OrderBy(trade => trade.Key).ShouldBe(ledger.State.Trades.OrderBy(trade => trade.Key));
    });

    [Fact]
    public void a_holding_that_was_restated_without_a_price_keeps_the_one_of_its_latest_fill() =>
        Property.Holds(Scenario.Any, scenario =>
        {
            var folded = (Portfolio?)null;
            var prices = new Dictionary<string, decimal>();
            foreach (var stored in StoredHistory.Of(scenario.Run()))
            {
                folded = Portfolio.Evolve(folded, new Recorded(AsAtFirst(stored), stored.RecordedAt));
                if (stored.Data is HoldingFilled fill)
                    prices[fill.Symbol] = fill.Price;
                else if (stored.Data is HoldingSplit split)
                    prices[split.Symbol] = split.LastPrice!.Value;
            }
            folded!.Holdings.Values.ToDictionary(holding => holding.Symbol, holding => holding.LastPrice)
                .ShouldBe(prices, ignoreOrder: true);
        });

    private static object Told(Portfolio p) =>
        (p.Cash, p.ReservedCash, p.RealizedPnl, p.Version, p.FundingVersion, p.OwnVersion, p.UpdatedAt);

    private static LedgerEvent AsAtFirst(StoredEvent stored)
    {
        var alias = EventCatalog.Of(stored.Data).Alias;
        var json = JsonNode.Parse(EventCatalog.Write(stored.Data))!.AsObject();
        foreach (var member in Later.GetValueOrDefault(alias, []))
            json.Remove(member);
        return EventCatalog.Read(alias, Encoding.UTF8.GetBytes(json.ToJsonString()), stored.Version);
    }
}
