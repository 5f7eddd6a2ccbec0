using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace Bifrost.Domain.Tests;

/// <summary>What an amendment records of the lots: what changed of them, and no more.</summary>
public sealed class LotChangeTests
{
    // Few ids and few quantities, so that two lists have much in common, in the same order and in another.
    private static readonly Gen<ImmutableList<Lot>> Lots = Gen.Choose(0, 47).ArrayOf().Select(numbers => numbers
        .DistinctBy(n => n % 16).Select(n => new Lot(n % 16, Given.Opening, n / 16 + 1, 1)).ToImmutableList());

    [Fact]
    public void the_changes_between_two_lists_make_the_one_the_other() =>
        Property.Holds(
            from before in Lots from after in Lots select (before, after),
            lists => LotChanges.Apply(lists.before, LotChanges.Between(lists.before, lists.after))
                .ShouldBe(lists.after),
            tests: 1_000);

    [Fact]
    public void lists_that_are_the_same_have_no_changes() =>
        Property.Holds(Lots, lots => LotChanges.Between(lots, [.. lots]).ShouldBeEmpty());

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 3)]
    [InlineData(2, 1)]
    [InlineData(3, 0)]
    [InlineData(1, int.MaxValue)]
    [InlineData(0, -1)]
    public void changes_of_lots_that_are_not_there_are_refused(int at, int removed) =>
        Should.Throw<ArgumentException>(() => LotChanges.Apply(Some(2), [new LotChange(at, removed, [])]));

    [Fact]
    public void changes_that_reach_into_each_other_are_refused() =>
        Should.Throw<ArgumentException>(
            () => LotChanges.Apply(Some(4), [new LotChange(0, 3, []), new LotChange(2, 1, [])]));

    [Theory]
    [InlineData(LotMethod.FIFO)]
    [InlineData(LotMethod.LIFO)]
    [InlineData(LotMethod.HIFO)]
    public void to_correct_the_oldest_of_many_fills_records_one_lot(LotMethod method)
    {
        var ledger = Given.Portfolio(method, cash: 100_000).And(Do.Limit(OrderSide.BUY, 1, 10), Do.Execute("A", 1, 10));
        for (var i = 0; i < 400; i++)
            ledger.And(Do.Buy(1, 10 + i % 7));

        ledger.And(Do.Correct("A", price: 9));

        ledger.ThenAmong<HoldingRestated>(e =>
        {
            e.Lots.ShouldBeNull();
            e.LotChanges!.Value.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
                change => (change.At, change.Removed).ShouldBe((0, 1)),
                change => change.Lots.ShouldHaveSingleItem().Cost.ShouldBe(9));
        });
        ledger.Holding().Lots.Count.ShouldBe(401);
    }

    [Fact]
    public void to_bust_one_of_many_fills_records_that_its_lot_is_gone()
    {
        var ledger = Given.Portfolio(cash: 100_000).And(Do.Buy(1, 10), Do.Limit(OrderSide.BUY, 1, 10))
            .And(Do.Execute("A", 1, 10), Do.Buy(1, 11), Do.Buy(1, 12));

        ledger.And(Do.Bust("A"));

        ledger.ThenAmong<HoldingRestated>(e => e.LotChanges!.Value.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            change => (change.At, change.Removed).ShouldBe((1, 1)),
            change => change.Lots.ShouldBeEmpty()));
    }

    private static ImmutableList<Lot> Some(int count) =>
        [.. Enumerable.Range(1, count).Select(id => new Lot(id, Given.Opening, 1, 1))];
}
