namespace Bifrost.Domain.Tests;

/// <summary>What a venue did is booked as it was, and flagged: rules bind instructions.</summary>
public sealed class VenueFactTests
{
    [Fact]
    public void fills_of_more_than_the_order_are_booked_and_flagged()
    {
        var ledger = Ordered().And(Do.Execute("A", 60, 10));
        ledger.Effect.Overfilled.ShouldBeNull();
        ledger.And(Do.Execute("B", 60, 10));
        (ledger.Effect.Overfilled, ledger.Effect.AfterEnd, ledger.Effect.Status).ShouldBe((true, null, "FILLED"));
        (ledger.Order().Status, ledger.Order().FilledQuantity, ledger.Order().Unfilled)
            .ShouldBe((OrderStatus.FILLED, 120, 0));
        (ledger.Holding().Quantity, ledger.State.Cash, ledger.State.ReservedCash).ShouldBe((120, 800, 0));
    }

    [Fact]
    public void a_fill_of_a_filled_order_is_booked_and_flagged()
    {
        var ledger = Ordered().And(Do.Execute("A", 100, 10), Do.Execute("B", 1, 10));
        (ledger.Effect.Overfilled, ledger.Order().FilledQuantity, ledger.Holding().Quantity).ShouldBe((true, 101, 101));
    }

    [Fact]
    public void a_bust_of_what_was_too_much_leaves_the_order_filled()
    {
        var ledger = Ordered().And(Do.Execute("A", 60, 10), Do.Execute("B", 60, 10), Do.Execute("C", 40, 10));
        ledger.And(Do.Bust("B"));
        (ledger.Order().Status, ledger.Order().FilledQuantity, ledger.Effect.Overfilled)
            .ShouldBe((OrderStatus.FILLED, 100, null));
        ledger.State.ReservedCash.ShouldBe(0);
    }

    [Fact]
    public void a_fill_after_the_cancel_is_booked_and_the_order_stays_cancelled()
    {
        var ledger = Ordered().And(Do.Execute("A", 10, 10), Do.Cancel(), Do.Execute("B", 20, 10));
        (ledger.Effect.AfterEnd, ledger.Effect.Overfilled, ledger.Effect.Status).ShouldBe((true, null, "CANCELLED"));
        (ledger.Order().Status, ledger.Order().FilledQuantity, ledger.Order().Unfilled)
            .ShouldBe((OrderStatus.CANCELLED, 30, 0));
        (ledger.Holding().Quantity, ledger.State.Cash, ledger.State.ReservedCash).ShouldBe((30, 1_700, 0));
    }

    [Fact]
    public void a_fill_after_the_cancel_can_be_busted_and_nothing_is_reserved_for_it()
    {
        var ledger = Ordered().And(Do.Cancel(), Do.Execute("A", 10, 10), Do.Bust("A"));
        (ledger.Order().Status, ledger.State.ReservedCash, ledger.State.Cash, ledger.Holding().Quantity)
            .ShouldBe((OrderStatus.CANCELLED, 0, 2_000, 0));
    }

    [Fact]
    public void an_order_that_is_reduced_to_what_is_filled_is_filled()
    {
        var ledger = Ordered().And(Do.Execute("A", 70, 10), Do.Replace(70));
        ledger.Effect.Status.ShouldBe("FILLED");
        (ledger.Order().Status, ledger.Order().Quantity, ledger.Order().FilledQuantity)
            .ShouldBe((OrderStatus.FILLED, 70, 70));
        (ledger.State.ReservedCash, ledger.State.BuyingPower).ShouldBe((0, 1_300));
    }

    [Fact]
    public void a_fill_of_an_order_that_was_refused_names_the_way_out() =>
        Given.Portfolio().When(Do.Limit(OrderSide.BUY, 10, 10)).When(Do.Execute("A", 10, 10))
            .ThenRejected(RejectionCode.OrderNotWorking).Rejection!.Detail
            .ShouldContain("POST /api/portfolios/1/executions");

    [Fact]
    public void a_correction_to_more_than_the_order_is_booked_and_flagged()
    {
        var ledger = Ordered().And(Do.Execute("A", 60, 10), Do.Correct("A", quantity: 130));
        (ledger.Effect.Overfilled, ledger.Order().FilledQuantity, ledger.Holding().Quantity).ShouldBe((true, 130, 130));
        ledger.State.ReservedCash.ShouldBe(0);
    }

    [Fact]
    public void an_amount_that_is_stated_is_what_moves_and_the_price_is_for_show()
    {
        var ledger = Given.Portfolio(cash: 1_000).And(Do.Buy(11.2663m, 8.88m) with { Amount = 100 });
        (ledger.State.Cash, ledger.Holding().CostBasis, ledger.Holding().LastPrice).ShouldBe((900, 100, 8.88m));
        ledger.And(Do.Sell(11.2663m, 9m, fee: 1) with { Amount = 100.5m });
        (ledger.State.Cash, ledger.State.RealizedPnl, ledger.State.Trades["ORCL"].RealizedPnl)
            .ShouldBe((1_000.5m, 0.5m, 0.5m));
        ledger.State.Trades["ORCL"].ExitAmount.ShouldBe(101.5m);
    }

    [Fact]
    public void parts_of_a_stated_amount_add_up_to_it()
    {
        var ledger = Given.Portfolio(cash: 1_000).And(Do.Buy(3, 33.33m) with { Amount = 100 });
        ledger.And(Do.Sell(1, 40), Do.Sell(1, 40), Do.Sell(1, 40));
        (ledger.State.RealizedPnl, ledger.Holding().CostBasis).ShouldBe((20, 0));
    }

    [Theory]
    [InlineData(101.01, true)]
    [InlineData(101.00, false)]
    [InlineData(99.00, false)]
    [InlineData(98.99, true)]
    public void an_amount_that_contradicts_its_price_is_refused(double amount, bool isRefused)
    {
        var ledger = Given.Portfolio(cash: 1_000).When(Do.Buy(10, 10) with { Amount = (decimal)amount });
        (ledger.Rejection?.Code).ShouldBe(isRefused ? RejectionCode.AmountContradicts : null);
    }

    [Fact]
    public void what_the_last_decimal_of_a_price_was_rounded_by_is_no_contradiction() =>
        Given.Portfolio(cash: 1_000).And(Do.Buy(1_000, 0.01m) with { Amount = 14.99m }).State.Cash.ShouldBe(985.01m);

    [Fact]
    public void a_fee_below_zero_is_a_rebate()
    {
        var ledger = Given.Portfolio(cash: 1_000).And(Do.Buy(10, 10, fee: -0.25m));
        (ledger.State.Cash, ledger.Holding().CostBasis).ShouldBe((900.25m, 99.75m));
        ledger.And(Do.Sell(10, 10, fee: -0.25m));
        (ledger.State.Cash, ledger.State.RealizedPnl).ShouldBe((1_000.5m, 0.5m));
    }

    [Fact]
    public void a_fee_in_shares_is_not_held_and_is_a_part_of_the_cost()
    {
        var bought = Do.Buy(0.000331m, 60_000) with { FeeQuantity = 0.00000033m };
        var ledger = Given.Portfolio(cash: 1_000).And(bought);
        (ledger.Holding().Quantity, ledger.Holding().CostBasis, ledger.State.Cash)
            .ShouldBe((0.00033067m, 19.86m, 980.14m));
        ledger.And(Do.Sell(0.0003m, 60_000) with { FeeQuantity = 0.00003067m });
        (ledger.Holding().Quantity, ledger.State.RealizedPnl).ShouldBe((0, -1.86m));
    }

    [Fact]
    public void shares_that_are_given_away_or_worthless_have_a_price_of_zero()
    {
        var ledger = Given.Portfolio().And(Do.Buy(10, 0));
        (ledger.State.Cash, ledger.Holding().CostBasis).ShouldBe((0, 0));
        ledger.And(Do.Sell(10, 0));
        (ledger.State.Cash, ledger.State.RealizedPnl, ledger.Holding().Quantity).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void a_late_fill_does_not_set_the_price_of_now()
    {
        var ledger = Given.Portfolio(cash: 1_000).And(Do.Buy(10, 20, day: -1), Do.Buy(10, 10, day: -30));
        (ledger.Holding().LastPrice, ledger.Holding().LastPriceAt).ShouldBe((20, Given.Opening.AddDays(-1)));
        ledger.And(Do.Sell(5, 8, day: -20)).Holding().LastPrice.ShouldBe(20);
        ledger.And(Do.Sell(5, 30, day: -1)).Holding().LastPrice.ShouldBe(30);
    }

    [Fact]
    public void a_price_that_was_told_before_the_price_was_dated_gives_way()
    {
        // As events were stored before they said which fill was late.
        var ledger = Given.Portfolio(cash: 1_000).And(Do.Buy(10, 20, day: -1), Do.Buy(10, 10, day: -30));
        var state = (Portfolio?)null;
        foreach (var recorded in ledger.History)
        {
            var happened = recorded.Event is HoldingFilled e ? e with { IsLate = null } : recorded.Event;
            state = Portfolio.Evolve(state, recorded with { Event = happened });
        }
        state!.Holdings["ORCL"].LastPrice.ShouldBe(10);
    }

    private static Ledger Ordered() => Given.Portfolio(cash: 2_000).And(Do.Limit(OrderSide.BUY, 100, 10));
}
