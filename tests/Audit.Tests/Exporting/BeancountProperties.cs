using Bifrost.Audit.Exporting;
using Bifrost.Domain.Tests;
using Bifrost.Replay.Tests.Explaining;
using Bifrost.Replay.Tests.TimeTravel;

namespace Bifrost.Audit.Tests.Exporting;

/// <summary>
/// Whatever happened (shorts through zero, pools, corrections, busts, fractions of shares): Beancount finds nothing
/// wrong with the journal, to the last digit, and it ends with what the ledger says.
/// </summary>
public sealed class BeancountProperties(LoggedStory log) : IClassFixture<LoggedStory>
{
    [SkippableFact]
    public void the_journal_of_any_history_is_right_and_ends_with_the_ledgers_balances()
    {
        var beancount = TestBeancount.OrSkip();
        Property.Holds(
            Scenario.Any.Generator,
            scenario => Run(async () =>
            {
                var ledger = scenario.Run();
                await log.Tell(StoredHistory.Of(ledger));

                var journal = await Exported.As("beancount", log.Source);

                (await beancount.Check(journal)).ShouldBe("");
                EndsWith(journal, ledger.State);
            }),
            tests: 25);
    }

    [SkippableFact]
    public void a_part_of_a_history_begins_with_the_lots_of_then_and_is_right_as_well()
    {
        var beancount = TestBeancount.OrSkip();
        Property.Holds(
            Scenario.Any.Generator,
            scenario => Run(async () =>
            {
                var ledger = scenario.Run();
                var story = StoredHistory.Of(ledger);
                await log.Tell(story);
                var (third, half) = (story[story.Count / 3].RecordedAt, story[story.Count / 2].RecordedAt);

                var rest = await Exported.As(
                    "beancount", log.Source, new ExportScope { From = third.UtcDateTime });
                var middle = await Exported.As(
                    "beancount", log.Source, new ExportScope { From = third.UtcDateTime, To = half.UtcDateTime });

                (await beancount.Check(rest)).ShouldBe("");
                (await beancount.Check(middle)).ShouldBe("");
                var then = story.TakeWhile(stored => stored.RecordedAt < half)
                    .Aggregate((Portfolio?)null, (state, stored) => Portfolio.Evolve(state, stored.Recorded));
                EndsWith(rest, ledger.State);
                EndsWith(middle, then);
            }),
            tests: 8);
    }

    private static void EndsWith(string journal, Portfolio? state)
    {
        var balances = Exported.Balances(journal);
        if (state is null)
        {
            balances.ShouldBeEmpty();
            return;
        }
        balances.GetValueOrDefault(("Assets:Bifrost:P1:Cash", state.Currency.Code)).ShouldBe(state.Cash);
        foreach (var (code, other) in state.OtherCash)
            balances.GetValueOrDefault(($"Assets:Bifrost:P1:Cash:{code}", code)).ShouldBe(other.Balance);
        foreach (var holding in state.Holdings.Values)
        {
            var account = $"Assets:Bifrost:P1:Positions:{holding.Symbol}";
            balances.GetValueOrDefault((account, holding.Symbol)).ShouldBe(holding.Quantity);
            // At cost, and what is beyond it: nothing of the cost basis is lost.
            var beyond = balances.GetValueOrDefault((
                $"{account}:Remainder", state.CurrencyOf(holding.Currency).Code));
            (Exported.AtCost(journal, account) + beyond).ShouldBe(holding.CostBasis);
        }
    }

    // Threads of the pool have no context to come back to.
    private static void Run(Func<Task> check) => Task.Run(check).GetAwaiter().GetResult();
}
