using Bifrost.Domain.Tests;
using Bifrost.EventStore;
using Bifrost.Projections.Holdings;
using Bifrost.Replay.Explaining;

namespace Bifrost.Replay.Tests.Explaining;

/// <summary>
/// Whatever happened (shorts through zero, pools, corrections, busts, several currencies): a number is the sum of its
/// contributions, exactly, now and after each event on the way.
/// </summary>
public sealed class ExplainProperties
{
    private static readonly ExplainedField[] OfPortfolio =
        [ExplainedField.Cash, ExplainedField.RealizedPnl, ExplainedField.CostBasis];

    [Fact]
    public void the_contributions_of_each_number_sum_exactly_to_it() => Property.Holds(Scenario.Any, scenario =>
    {
        var ledger = scenario.Run();
        var stored = StoredHistory.Of(ledger);

        var p = ledger.State;
        Sum(Explain(ExplainedField.RealizedPnl, null, stored)).ShouldBe(p.RealizedPnl);
        foreach (var code in p.OtherCash.Keys.Append(p.Currency.Code))
        {
            Sum(Explain(ExplainedField.Cash, null, stored, code)).ShouldBe(p.CashIn(code));
            Sum(Explain(ExplainedField.CostBasis, null, stored, code)).ShouldBe(p.Holdings.Values
                .Where(holding => p.CurrencyOf(holding.Currency).Code == code).Sum(holding => holding.CostBasis));
        }
        foreach (var holding in ledger.State.Holdings.Values)
        {
            Sum(Explain(ExplainedField.Quantity, holding.Symbol, stored)).ShouldBe(holding.Quantity);
            Sum(Explain(ExplainedField.CostBasis, holding.Symbol, stored)).ShouldBe(holding.CostBasis);
            Sum(Explain(ExplainedField.RealizedPnl, holding.Symbol, stored)).ShouldBe(holding.RealizedPnl);
        }
    });

    [Fact]
    public void the_open_lots_sum_exactly_to_quantity_and_cost() => Property.Holds(Scenario.Any, scenario =>
    {
        var ledger = scenario.Run();
        var stored = StoredHistory.Of(ledger);

        foreach (var holding in ledger.State.Holdings.Values)
        {
            var explained = Explain(ExplainedField.Quantity, holding.Symbol, stored);
            explained.Lots.Sum(lot => lot.Quantity).ShouldBe(holding.Quantity);
            explained.Lots.Sum(lot => lot.CostBasis).ShouldBe(holding.CostBasis);
            explained.Lots.Select(lot => lot.LotId).ShouldBe(holding.Lots.Select(lot => lot.LotId));
            foreach (var lot in explained.Lots)
                OpenedBy(stored, lot).ShouldBe(lot.LotId);
        }
    });

    [Fact]
    public void the_parts_of_a_market_value_sum_to_what_the_holding_shows() => Property.Holds(Scenario.Any, scenario =>
    {
        var ledger = scenario.Run();
        var stored = StoredHistory.Of(ledger);

        foreach (var holding in ledger.State.Holdings.Values)
        {
            var fold = Fold(new Question(1, ExplainedField.MarketValue, holding.Symbol), stored);
            var explained = fold.ExplainAt(new ExplainedPrice(holding.LastPrice, null, "fill"))!;
            explained.Value.ShouldBe(new HoldingRow(1, ledger.State.Currency, holding).MarketValue);
            explained.Contributions.Sum(part => part.Amount).ShouldBe(explained.Value);
        }
    });

    [Fact]
    public void each_number_is_the_sum_of_its_parts_after_every_event() => Property.Holds(
        Scenario.Any,
        scenario =>
        {
            var stored = StoredHistory.Of(scenario.Run());
            for (var length = 1; length <= stored.Count; length++)
            {
                IReadOnlyList<StoredEvent> past = [.. stored.Take(length)];
                foreach (var field in OfPortfolio)
                {
                    var explained = Explain(field, null, past);
                    Sum(explained).ShouldBe(explained.Value);
                }
            }
        },
        tests: 20);

    private static int? OpenedBy(IReadOnlyList<StoredEvent> stored, ExplainedLot lot) =>
        stored.Single(e => e.Sequence == lot.Sequence).Data switch
        {
            HoldingFilled e => e.TransactionId,
            HoldingRestated { IsNew: true } e => e.TransactionId,
            _ => null,
        };

    private static decimal Sum(Explanation explanation)
    {
        explanation.Contributions.ShouldAllBe(part => part.Amount != 0);
        var sum = explanation.Contributions.Sum(part => part.Amount);
        explanation.Value.ShouldBe(sum);
        return sum;
    }

    private static Explanation Explain(
        ExplainedField field, string? symbol, IReadOnlyList<StoredEvent> stored, string? currency = null) =>
        Fold(new Question(1, field, symbol) { Currency = currency }, stored).Explain()!;

    private static ExplanationFold Fold(Question question, IReadOnlyList<StoredEvent> stored)
    {
        var fold = new ExplanationFold(question);
        foreach (var e in stored.Where(e => question.Symbol is null || Symbol(e) == question.Symbol))
            fold.Add(e);
        return fold;
    }

    private static string? Symbol(StoredEvent stored) => (stored.Data as HoldingEvent)?.Symbol;
}
