using Bifrost.Domain;
using Bifrost.Domain.Tests;
using Bifrost.EventStore;
using Bifrost.Replay.Tests.Explaining;

namespace Bifrost.Replay.Tests.TimeTravel;

public sealed class RebookingProperties
{
    [Fact]
    public void booked_again_as_it_was_recorded_a_history_comes_to_what_was_recorded() =>
        Property.Holds(Scenario.Any, scenario =>
        {
            var ledger = scenario.Run();

            var again = Rebook(StoredHistory.Of(ledger), new RebookingTerms());

            Told(again).ShouldBe(Told(ledger.State));
            foreach (var holding in again.Holdings.Values)
                holding.Lots.ShouldBe(ledger.State.Holdings[holding.Symbol].Lots);
        });

    [Fact]
    public void the_order_of_facts_changes_neither_cash_nor_quantities() => Property.Holds(Scenario.Any, scenario =>
    {
        var ledger = scenario.Run();

        var ordered = Rebook(StoredHistory.Of(ledger), new RebookingTerms { AsOccurred = true });

        ordered.Cash.ShouldBe(ledger.State.Cash);
        ordered.Holdings.Values.Where(h => h.Quantity != 0).ToDictionary(h => h.Symbol, h => h.Quantity)
            .ShouldBe(
                ledger.State.Holdings.Values.Where(h => h.Quantity != 0).ToDictionary(h => h.Symbol, h => h.Quantity),
                ignoreOrder: true);
    });

    [Fact]
    public void another_lot_method_moves_profit_between_what_was_sold_and_what_is_held() =>
        Property.Holds(Scenario.Unamended, scenario =>
        {
            var ledger = scenario.Run();

            foreach (var method in Enum.GetValues<LotMethod>())
            {
                var other = Rebook(StoredHistory.Of(ledger), new RebookingTerms { LotMethod = method });
                other.Cash.ShouldBe(ledger.State.Cash);
                foreach (var holding in ledger.State.Holdings.Values)
                {
                    var booked = other.Holdings[holding.Symbol];
                    booked.Quantity.ShouldBe(holding.Quantity);
                    // What was paid and not yet realized is held: the difference does not depend on the method.
                    (booked.CostBasis - booked.RealizedPnl).ShouldBe(holding.CostBasis - holding.RealizedPnl);
                }
            }
        });

    private static Portfolio Rebook(IReadOnlyList<StoredEvent> stored, RebookingTerms terms)
    {
        var rebooking = new Rebooking();
        foreach (var one in stored)
            rebooking.Add(one.Recorded);
        return rebooking.Book(null, terms)!;
    }

    private static object Told(Portfolio p) => (
        Plain(p.Cash),
        Plain(p.RealizedPnl),
        p.InitialCapital,
        p.Name,
        p.LotMethod,
        // A position whose every fill was busted stays on record, and booked again it never was.
        string.Join("; ", Held(p).Select(h =>
            $"{h.HoldingId} {h.Symbol} {Plain(h.Quantity)} {Plain(h.CostBasis)} {Plain(h.RealizedPnl)}")));

    private static IEnumerable<Holding> Held(Portfolio p) => p.Holdings.Values
        .Where(h => h.Quantity != 0 || h.RealizedPnl != 0).OrderBy(h => h.Symbol, StringComparer.Ordinal);

    private static decimal Plain(decimal number) => Money.Normalize(number);
}
