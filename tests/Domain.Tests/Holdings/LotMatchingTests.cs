namespace Bifrost.Domain.Tests;

/// <summary>
/// Worked by hand. Three buys of ten: at 10 with 1.50 of fees (101.50), at 20 (200), at 15 (150). Then fifteen are sold
/// at 30 with 4.50 of fees, which brings 445.50: 297 for the first ten and 148.50 for the other five.
/// </summary>
public sealed class LotMatchingTests
{
    private static readonly RecordExecution Sale = Do.Sell(15, 30, fee: 3, tax: 1.50m);

    [Fact]
    public void the_fees_of_a_buy_are_in_the_cost_of_its_lot() =>
        Given.Portfolio(cash: 1_000).When(Do.Buy(10, 10, fee: 1, tax: 0.50m)).ThenAmong<LotOpened>(e =>
            (e.Cost, e.CashAmount).ShouldBe((101.50m, -101.50m)));

    [Fact]
    public void fifo_takes_the_oldest_lots() =>
        Sold(LotMethod.FIFO, Sale).ShouldBe([new(1, 10, 101.50m, 297), new(2, 5, 100, 148.50m)]);

    [Fact]
    public void lifo_takes_the_newest_lots() =>
        Sold(LotMethod.LIFO, Sale).ShouldBe([new(3, 10, 150, 297), new(2, 5, 100, 148.50m)]);

    [Fact]
    public void hifo_takes_the_dearest_lots() =>
        Sold(LotMethod.HIFO, Sale).ShouldBe([new(2, 10, 200, 297), new(3, 5, 75, 148.50m)]);

    [Fact]
    public void average_takes_from_one_pool_at_the_average_cost() =>
        Sold(LotMethod.AVERAGE, Sale).ShouldBe([new(1, 15, 225.75m, 445.50m)]);

    [Fact]
    public void specific_takes_the_lots_that_are_named_in_the_order_they_are_named() =>
        Sold(LotMethod.SPECIFIC, Sale with { Lots = Do.Lots((3, 10), (1, 5)) })
            .ShouldBe([new(3, 10, 150, 297), new(1, 5, 50.75m, 148.50m)]);

    [Fact]
    public void specific_with_no_lots_named_is_first_in_first_out() =>
        Sold(LotMethod.SPECIFIC, Sale).ShouldBe(Sold(LotMethod.FIFO, Sale));

    [Theory]
    [InlineData(LotMethod.FIFO, 244)]
    [InlineData(LotMethod.LIFO, 195.5)]
    [InlineData(LotMethod.HIFO, 170.5)]
    [InlineData(LotMethod.AVERAGE, 219.75)]
    public void the_realized_gain_is_the_sale_less_its_fees_and_the_cost_of_its_lots(LotMethod method, decimal gain)
    {
        var ledger = ThreeLots(method).And(Sale);
        ledger.State.RealizedPnl.ShouldBe(gain);
        ledger.Holding().CostBasis.ShouldBe(451.50m - (445.50m - gain));
        ledger.State.Cash.ShouldBe(1_000 - 451.50m + 445.50m);
    }

    [Fact]
    public void lots_can_be_named_under_fifo_and_the_fill_says_that_they_were()
    {
        var ledger = ThreeLots(LotMethod.FIFO).And(Sale with { Lots = Do.Lots((2, 5), (3, 10)) });
        ledger.ThenAmong<LotsMatched>(e => e.Method.ShouldBe(LotMethod.SPECIFIC));
        ledger.Holding().Lots.Select(lot => (lot.LotId, lot.Quantity)).ShouldBe([(1, 10m), (2, 5m)]);
    }

    [Fact]
    public void an_order_takes_the_lots_it_named_fill_by_fill()
    {
        var ledger = ThreeLots(LotMethod.FIFO)
            .And(Do.Limit(OrderSide.SELL, 15, 30, new LotPick(3, 6), new LotPick(2, 9)), Do.Execute("A", 8, 30));
        Matches(ledger).Select(m => (m.LotId, m.Quantity)).ShouldBe([(3, 6m), (2, 2m)]);
        Matches(ledger.And(Do.Execute("B", 7, 31))).Select(m => (m.LotId, m.Quantity)).ShouldBe([(2, 7m)]);
    }

    [Fact]
    public void what_a_named_lot_lacks_by_the_time_of_the_fill_is_taken_first_in_first_out()
    {
        var ledger = ThreeLots(LotMethod.LIFO)
            .And(Do.Limit(OrderSide.SELL, 10, 30, new LotPick(3, 10)), Do.Sell(4, 30), Do.Execute("A", 10, 30));
        Matches(ledger).Select(m => (m.LotId, m.Quantity)).ShouldBe([(3, 6m), (1, 4m)]);
    }

    [Fact]
    public void a_lot_named_twice_that_shrank_gives_only_what_it_holds()
    {
        var ledger = ThreeLots(LotMethod.FIFO)
            .And(Do.Limit(OrderSide.SELL, 10, 30, new LotPick(1, 5), new LotPick(1, 5)), Do.Sell(4, 30));
        Matches(ledger.And(Do.Execute("A", 10, 30))).Select(m => (m.LotId, m.Quantity)).ShouldBe([(1, 6m), (2, 4m)]);
    }

    [Theory]
    [InlineData(1, 9)]
    [InlineData(1, 11)]
    [InlineData(4, 10)]
    public void lots_that_cannot_be_what_is_sold_are_refused(int lot, decimal quantity) =>
        ThreeLots(LotMethod.FIFO).When(Do.Sell(10, 30) with { Lots = Do.Lots((lot, quantity)) })
            .ThenRejected(RejectionCode.LotsDoNotFit);

    [Fact]
    public void more_of_a_lot_than_it_holds_is_refused() =>
        ThreeLots(LotMethod.FIFO).When(Do.Sell(11, 30) with { Lots = Do.Lots((1, 6), (1, 5)) })
            .ThenRejected(RejectionCode.LotsDoNotFit);

    [Fact]
    public void a_pool_has_no_lots_to_name() =>
        ThreeLots(LotMethod.AVERAGE).When(Do.Sell(10, 30) with { Lots = Do.Lots((1, 10)) })
            .ThenRejected(RejectionCode.LotsDoNotFit);

    [Theory]
    [InlineData(LotMethod.FIFO, 1, 2)]
    [InlineData(LotMethod.LIFO, 2, 1)]
    [InlineData(LotMethod.HIFO, 2, 1)]
    public void short_lots_are_matched_with_signs_turned(LotMethod method, int first, int second)
    {
        // Ten sold short at 50 less 1 of fees, ten at 40; fifteen bought back at 30 with 3 of fees cost 453.
        var ledger = Given.Portfolio(method, allowShort: true).And(Do.Sell(10, 50, fee: 1), Do.Sell(10, 40));
        ledger.Holding().CostBasis.ShouldBe(-899);
        ledger.And(Do.Buy(15, 30, fee: 3));
        var cost = new Dictionary<int, decimal> { [1] = -49.90m, [2] = -40 };
        Matches(ledger).ShouldBe([new(first, -10, 10 * cost[first], -302), new(second, -5, 5 * cost[second], -151)]);
        ledger.State.RealizedPnl.ShouldBe(-453 - 10 * cost[first] - 5 * cost[second]);
    }

    [Fact]
    public void a_short_pool_is_bought_back_at_its_average()
    {
        var ledger = Given.Portfolio(LotMethod.AVERAGE, allowShort: true)
            .And(Do.Sell(10, 50, fee: 1), Do.Sell(10, 40), Do.Buy(15, 30, fee: 3));
        Matches(ledger).ShouldBe([new(1, -15, -674.25m, -453)]);
    }

    [Fact]
    public void a_fill_through_zero_closes_with_one_part_of_its_fees_and_opens_with_the_other()
    {
        var ledger = Given.Portfolio(cash: 100, allowShort: true).And(Do.Buy(10, 10), Do.Sell(15, 12, fee: 3));
        ledger.ThenAmong<LotsMatched>(e =>
        {
            e.Matches.ShouldBe([new LotMatch(1, 10, 100, 118)]);
            e.Opened.ShouldBe(new CrossedLot(-5, -59, 2));
            e.CashAmount.ShouldBe(177);
        });
        ledger.Holding().Lots.ShouldHaveSingleItem().ShouldBe(new Lot(2, ledger.Now, -5, -59));
        (ledger.Holding().Quantity, ledger.State.RealizedPnl, ledger.State.Cash).ShouldBe((-5, 18, 177));
    }

    [Fact]
    public void backdated_fills_are_inserted_by_their_date()
    {
        var ledger = Given.Portfolio(cash: 1_000)
            .And(Do.Buy(1, 10, day: 0), Do.Buy(1, 11, day: -5), Do.Buy(1, 12, day: -5), Do.Buy(1, 13, day: -2));
        ledger.Holding().Lots.Select(lot => lot.LotId).ShouldBe([2, 3, 4, 1]);
        Matches(ledger.And(Do.Sell(2, 20))).Select(m => m.LotId).ShouldBe([2, 3]);
    }

    [Fact]
    public void the_last_part_of_an_indivisible_lot_takes_what_is_left()
    {
        var ledger = Given.Portfolio(cash: 1_000).And(Do.Buy(3, 33.33333333m, fee: 0.01m));
        var cost = Enumerable.Range(0, 3).Select(_ => Matches(ledger.And(Do.Sell(1, 40))).Single().Cost).ToArray();
        cost.Sum().ShouldBe(99.99999999m + 0.01m);
        cost.ShouldAllBe(part => Math.Abs(part - 33.33666666m) < 0.00000001m);
        (ledger.Holding().CostBasis, ledger.Holding().Lots.Count).ShouldBe((0, 0));
    }

    [Fact]
    public void changing_the_method_to_average_pools_the_lots_of_each_holding()
    {
        var ledger = ThreeLots(LotMethod.FIFO).And(Do.Buy(1, 1) with { Symbol = "IBM" });
        var first = ledger.Holding().Lots[0];
        ledger.When(Do.MethodTo(LotMethod.AVERAGE)).ThenTypes(typeof(PortfolioSettingsChanged), typeof(LotsPooled));
        ledger.Holding().Lots.ShouldBe([first with { Quantity = 30, Cost = 451.50m }]);
    }

    [Fact]
    public void lots_pooled_once_stay_pooled_when_the_method_changes_back()
    {
        var ledger = ThreeLots(LotMethod.FIFO).And(Do.MethodTo(LotMethod.AVERAGE), Do.MethodTo(LotMethod.LIFO));
        Matches(ledger.And(Sale)).ShouldBe([new(1, 15, 225.75m, 445.50m)]);
    }

    [Fact]
    public void a_match_of_a_lot_that_is_not_there_stops_the_portfolio()
    {
        var ledger = ThreeLots(LotMethod.FIFO).And(Sale);
        var matched = ledger.Decided.OfType<LotsMatched>().Single();
        Should.Throw<InvalidHistoryException>(() => Holding.Evolve(ledger.Holding(), matched, ledger.Now));
        Should.Throw<InvalidHistoryException>(() => Holding.Evolve(null, matched, ledger.Now));
    }

    private static Ledger ThreeLots(LotMethod method) =>
        Given.Portfolio(method, cash: 1_000).And(Do.Buy(10, 10, fee: 1, tax: 0.50m), Do.Buy(10, 20), Do.Buy(10, 15));

    private static LotMatch[] Sold(LotMethod method, RecordExecution sale) => Matches(ThreeLots(method).And(sale));

    private static LotMatch[] Matches(Ledger ledger) => [.. ledger.Decided.OfType<LotsMatched>().Single().Matches];
}
