using System.Globalization;

namespace Bifrost.Domain.Tests;

/// <summary>Splits, known in time and late: whichever way they become known, the same comes of it.</summary>
public sealed class SplitTests
{
    [Fact]
    public void a_split_multiplies_the_shares_of_each_lot_and_leaves_their_cost_and_date()
    {
        var ledger = Funded().And(Do.Buy(10, 10, fee: 1), Do.Buy(5, 20));
        var before = ledger.Holding().Lots;
        ledger.And(Do.Split(3, 2)).ThenTypes(typeof(HoldingSplit), typeof(TradeRestated));
        ledger.Holding().Lots.ShouldBe([before[0] with { Quantity = 15 }, before[1] with { Quantity = 7.5m }]);
        (ledger.Holding().Quantity, ledger.Holding().CostBasis, ledger.State.Cash).ShouldBe((22.5m, 201m, 799m));
    }

    [Fact]
    public void shares_come_from_the_market_and_nothing_else_is_posted()
    {
        var ledger = Funded().And(Do.Buy(10, 10), Do.Split(2));
        Postings.Of(ledger.Decided[0], ledger.State.Currency).ShouldBe(
        [
            new Posting("assets:shares:ORCL", "ORCL", 10),
            new Posting("equity:market:ORCL", "ORCL", -10),
        ]);
        Postings.Of(ledger.Decided[1], ledger.State.Currency).ShouldBeEmpty();
    }

    [Fact]
    public void a_reverse_split_takes_shares_away_and_the_gain_stays_the_same()
    {
        var ledger = Funded().And(Do.Buy(50, 10), Do.Split(1, 10), Do.Sell(5, 120));
        (ledger.Holding().Quantity, ledger.State.RealizedPnl, ledger.State.Cash).ShouldBe((0, 100, 1_100));
    }

    [Fact]
    public void shares_are_rounded_once_for_the_whole_position()
    {
        // Three lots of a third would each lose a third of the smallest part.
        var ledger = Funded().And(Do.Buy(1, 10), Do.Buy(1, 20), Do.Buy(1, 30), Do.Split(1, 3));
        ledger.Holding().Lots.Select(lot => lot.Quantity).ShouldBe([0.33333333m, 0.33333334m, 0.33333333m]);
        (ledger.Holding().Quantity, ledger.Holding().CostBasis).ShouldBe((1, 60));
    }

    [Theory]
    [InlineData("0.00000001", "10")]
    [InlineData("10", "0.00000001")]
    public void a_lot_that_is_left_with_no_shares_leaves_its_cost_to_another(string first, string second)
    {
        var ledger = Funded().And(Do.Buy(Number(first), 10, fee: 1), Do.Buy(Number(second), 10, fee: 1));
        ledger.And(Do.Split(1, 10));
        ledger.Holding().Lots.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            lot => (lot.Quantity, lot.Cost).ShouldBe((1, 102.0000001m)));
    }

    [Fact]
    public void a_position_is_never_rounded_to_none()
    {
        var ledger = Funded().And(Do.Buy(0.00000001m, 10, fee: 1), Do.Split(1, 10));
        (ledger.Holding().Quantity, ledger.Holding().CostBasis).ShouldBe((0.00000001m, 1.0000001m));
    }

    [Fact]
    public void a_short_position_is_split_as_well()
    {
        var ledger = Funded().And(Do.Sell(10, 12), Do.Split(2));
        (ledger.Holding().Quantity, ledger.Holding().CostBasis).ShouldBe((-20, -120));
        ledger.And(Do.Buy(20, 5)).State.RealizedPnl.ShouldBe(20);
    }

    [Fact]
    public void the_open_round_trip_is_told_in_the_new_shares()
    {
        var ledger = Funded().And(Do.Buy(10, 10), Do.Sell(4, 12), Do.Split(2));
        var trade = ledger.State.Trades["ORCL"];
        (trade.EntryQuantity, trade.ExitQuantity, trade.EntryAmount, trade.ExitAmount).ShouldBe((20, 8, 100, 48));
        ledger.And(Do.Sell(12, 6));
        ledger.State.Trades["ORCL"].Status.ShouldBe(TradeStatus.CLOSED);
    }

    [Fact]
    public void a_position_that_is_flat_keeps_the_split_for_what_becomes_known_later()
    {
        var ledger = Funded().And(Do.Buy(10, 10, day: 1), Do.Sell(10, 11, day: 2)).And(Do.Split(2, day: 5));
        ledger.ThenOnly<HoldingSplit>(e => e.QuantityChange.ShouldBe(0));
        ledger.And(Do.Buy(10, 10, day: 3)).Holding().Quantity.ShouldBe(20);
    }

    [Fact]
    public void working_orders_stay_as_they_are()
    {
        var ledger = Funded().And(Do.Buy(10, 10), Do.Limit(OrderSide.SELL, 10, 12), Do.Split(2));
        (ledger.Order().Quantity, ledger.Order().LimitPrice, ledger.State.AvailableShares("ORCL"))
            .ShouldBe((10, 12, 10));
    }

    [Fact]
    public void the_last_known_price_is_of_a_new_share() =>
        Funded().And(Do.Buy(10, 10), Do.Split(3)).Holding().LastPrice.ShouldBe(3.33333333m);

    [Fact]
    public void a_split_that_is_recorded_already_changes_nothing() => Funded()
        .And(Do.Buy(10, 10, day: 1), Do.Split(2, day: 2))
        .When(Do.Split(4, 2, day: 2)).ThenNothing();

    [Fact]
    public void another_ratio_at_the_same_moment_is_refused() => Funded()
        .And(Do.Buy(10, 10, day: 1), Do.Split(2, day: 2))
        .When(Do.Split(3, day: 2)).ThenRejected(RejectionCode.SplitDiffers).ThenTypes();

    [Fact]
    public void what_was_never_held_is_not_split() =>
        Funded().When(Do.Split(2)).ThenRejected(RejectionCode.NothingToSplit).ThenTypes();

    [Fact]
    public void a_split_that_makes_more_shares_than_are_exact_is_refused() => Funded()
        .And(Do.Buy(1_000_000, 0.0001m))
        .When(Do.Split(1_000_000)).ThenRejected(RejectionCode.AmountTooLarge).ThenTypes();

    [Fact]
    public void a_late_fill_that_later_splits_make_too_large_is_refused()
    {
        var ledger = Funded().And(Do.Buy(0.00000001m, 10, day: 0));
        foreach (var day in Enumerable.Range(1, 3))
            ledger.And(Do.Split(1_000_000, day: day));
        ledger.When(Do.Buy(100, 0.01m, day: 0)).ThenRejected(RejectionCode.AmountTooLarge).ThenTypes();
    }

    [Fact]
    public void a_late_split_leaves_the_fills_that_came_after_it()
    {
        // Sold on day 3 were new shares already; the ledger took them for old ones.
        var ledger = Funded().And(Do.Buy(10, 20, day: 1), Do.Sell(10, 11, day: 3));
        ledger.Holding().Quantity.ShouldBe(0);
        ledger.And(Do.Split(2, day: 2));
        ledger.ThenAmong<HoldingSplit>(e => (e.QuantityChange, e.CostChange, e.RealizedPnlChange)
            .ShouldBe((10, 100, 100)));
        (ledger.Holding().Quantity, ledger.Holding().CostBasis, ledger.State.RealizedPnl).ShouldBe((10, 100, 10));
        ledger.State.Trades["ORCL"].Status.ShouldBe(TradeStatus.PARTIALLY_CLOSED);
    }

    [Fact]
    public void a_fill_that_becomes_known_after_a_split_is_of_old_shares()
    {
        var ledger = Funded().And(Do.Buy(10, 20, day: 1), Do.Split(2, day: 2), Do.Sell(4, 30, fee: 1, day: 1));
        ledger.ThenAmong<HoldingRestated>(e => (e.IsNew, e.QuantityChange, e.CashAmount).ShouldBe((true, -8, 119)));
        (ledger.Holding().Quantity, ledger.State.RealizedPnl, ledger.State.Cash).ShouldBe((12, 39, 919));
    }

    [Fact]
    public void shares_of_before_a_split_are_not_sold_twice() => Given.Portfolio(cash: 1_000)
        .And(Do.Buy(10, 20, day: 1), Do.Split(1, 2, day: 2))
        .And(Do.Sell(10, 30, day: 1))
        .When(Do.Sell(1, 30, day: 1)).ThenRejected(RejectionCode.InsufficientShares);

    [Fact]
    public void an_order_that_was_filled_before_a_split_and_reported_after_it_is_filled_in_old_shares()
    {
        var ledger = Funded().And(Do.Buy(1, 20, day: 0), Do.Limit(OrderSide.BUY, 10, 20), Do.Split(2, day: 2));
        ledger.And(Do.Execute("A", 10, 20) with { OccurredAt = Given.Opening.AddDays(1) });
        (ledger.Effect.Status, ledger.Holding().Quantity, ledger.Holding().CostBasis).ShouldBe(("FILLED", 22, 220));
    }

    [Fact]
    public void an_execution_of_before_the_split_is_busted_in_old_shares()
    {
        var ledger = Funded().And(Do.Buy(10, 20), Do.Limit(OrderSide.BUY, 10, 20), Do.Execute("A", 10, 20));
        ledger.And(Do.Split(2), Do.Bust("A"));
        (ledger.Holding().Quantity, ledger.State.Cash).ShouldBe((20, 800));
    }

    [Fact]
    public void a_correction_of_its_time_moves_an_execution_to_the_other_side_of_a_split()
    {
        var ledger = Funded().And(Do.Buy(10, 20, day: 1), Do.Limit(OrderSide.BUY, 10, 20));
        ledger.And(Do.Execute("A", 10, 20) with { OccurredAt = Given.Opening.AddDays(1) }, Do.Split(2, day: 2));
        ledger.Holding().Quantity.ShouldBe(40);
        ledger.And(Do.Correct("A") with { OccurredAt = Given.Opening.AddDays(3) }).Holding().Quantity.ShouldBe(30);
    }

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private static Ledger Funded() => Given.Portfolio(cash: 1_000, allowShort: true);
}
