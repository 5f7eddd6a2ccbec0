namespace Bifrost.Domain.Tests;

public sealed class OrderTests
{
    [Fact]
    public void placing_records_the_terms_as_they_came() =>
        Given.Portfolio(cash: 100).When(Do.Limit(OrderSide.BUY, 4, 10) with
        {
            ClientOrderId = "mine",
            TimeInForce = TimeInForce.DAY,
        }).ThenIs(new OrderPlaced
        {
            PortfolioId = 1,
            OccurredAt = Given.Opening.AddMinutes(3),
            OrderId = 1,
            ClientOrderId = "mine",
            Symbol = "ORCL",
            Side = OrderSide.BUY,
            Type = OrderType.LIMIT,
            Quantity = 4,
            LimitPrice = 10,
            TimeInForce = TimeInForce.DAY,
            ReservedCash = 40,
        });

    [Fact]
    public void a_refused_order_is_on_the_record_with_its_reason()
    {
        var ledger = Given.Portfolio(cash: 39.99m).When(Do.Limit(OrderSide.BUY, 4, 10));
        var rejected = ledger.Decided.ShouldHaveSingleItem().ShouldBeOfType<OrderRejected>();
        rejected.Code.ShouldBe(RejectionCode.InsufficientBuyingPower);
        rejected.Reason.ShouldBe(ledger.Rejection!.Detail);
        ledger.Effect.ShouldBe(new Effect { OrderId = 1, Status = "REJECTED" });
        (ledger.Order().Status, ledger.State.ReservedCash).ShouldBe((OrderStatus.REJECTED, 0));
    }

    [Fact]
    public void a_short_sale_is_taken_where_the_portfolio_allows_it() =>
        Given.Portfolio(allowShort: true).When(Do.Limit(OrderSide.SELL, 4, 10)).ThenTypes(typeof(OrderPlaced));

    [Fact]
    public void fills_lead_from_pending_over_partly_filled_to_filled()
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 10, 10));
        ledger.Order().Status.ShouldBe(OrderStatus.PENDING);
        ledger.And(Do.Execute("A", 4, 10)).Effect.Status.ShouldBe("PARTIALLY_FILLED");
        ledger.And(Do.Execute("B", 6, 9)).Effect.ShouldBe(
            new Effect { OrderId = 1, Status = "FILLED", TransactionId = 2 });
        (ledger.Order().FilledQuantity, ledger.Order().FilledAmount).ShouldBe((10, 94));
    }

    [Fact]
    public void a_fill_is_booked_with_the_order_that_it_fills() =>
        Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 10, 10)).When(Do.Execute("A", 4, 10, fee: 1))
            .ThenTypes(typeof(OrderExecuted), typeof(LotOpened), typeof(TradeOpened))
            .ThenAmong<LotOpened>(e => (e.OrderId, e.ExecutionId, e.Cost).ShouldBe((1, "A", 41)));

    [Fact]
    public void the_same_execution_reported_twice_changes_nothing()
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10));
        ledger.When(Do.Execute("A", 10, 10)).ThenNothing();
        ledger.Effect.TransactionId.ShouldBe(1);
    }

    [Fact]
    public void an_execution_that_was_busted_and_is_reported_again_changes_nothing() =>
        Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10), Do.Bust("A"))
            .When(Do.Execute("A", 10, 10)).ThenNothing();

    [Fact]
    public void a_fill_that_overdraws_is_booked_and_flagged()
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 11));
        (ledger.State.Cash, ledger.Effect.Overdrawn).ShouldBe((-10, true));
    }

    [Fact]
    public void a_sale_whose_fees_overdraw_is_flagged()
    {
        var ledger = Given.Portfolio(cash: 10).And(Do.Buy(10, 1), Do.Sell(10, 0.10m, fee: 5));
        (ledger.State.Cash, ledger.Effect.Overdrawn).ShouldBe((-4, true));
    }

    [Fact]
    public void cancelling_a_cancelled_or_expired_order_changes_nothing()
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 1, 10), Do.Cancel());
        ledger.When(Do.Cancel()).ThenNothing().When(Do.Expire()).ThenNothing();
    }

    [Fact]
    public void a_filled_order_cannot_be_cancelled_or_expired()
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 1, 10), Do.Execute("A", 1, 10));
        ledger.When(Do.Cancel()).ThenRejected(RejectionCode.OrderNotWorking);
        ledger.When(Do.Expire()).ThenRejected(RejectionCode.OrderNotWorking);
    }

    [Fact]
    public void a_replacement_keeps_what_it_does_not_name() =>
        Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 10, 10) with { TimeInForce = TimeInForce.DAY })
            .When(Do.Replace(limit: 9)).ThenOnly<OrderReplaced>(e =>
                (e.Quantity, e.LimitPrice, e.TimeInForce, e.ReservedCash).ShouldBe((10, 9, TimeInForce.DAY, 90)));

    [Fact]
    public void a_refused_replacement_is_on_the_record_and_the_order_works_on()
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 10, 10)).When(Do.Replace(limit: 11));
        ledger.ThenTypes(typeof(OrderReplaceRejected)).ThenRejected(RejectionCode.InsufficientBuyingPower);
        (ledger.Order().LimitPrice, ledger.Order().ReservedCash, ledger.Order().IsWorking).ShouldBe((10, 100, true));
    }

    [Theory]
    [InlineData(OrderType.MARKET, false, false)]
    [InlineData(OrderType.LIMIT, true, false)]
    [InlineData(OrderType.STOP, false, true)]
    [InlineData(OrderType.STOP_LIMIT, true, true)]
    public void each_order_type_has_its_own_prices(OrderType type, bool limit, bool stop)
    {
        foreach (var (hasLimit, hasStop) in new[] { (false, false), (true, false), (false, true), (true, true) })
        {
            OrderTerms.Fit(type, hasLimit ? 1m : null, hasStop ? 1m : null)
                .ShouldBe((hasLimit, hasStop) == (limit, stop));
        }
    }

    [Fact]
    public void a_correction_to_the_same_terms_changes_nothing() =>
        Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 5, 10))
            .When(Do.Correct("A", 5, 10)).ThenNothing();

    [Fact]
    public void a_bust_of_a_busted_execution_changes_nothing() =>
        Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 5, 10), Do.Bust("A"))
            .When(Do.Bust("A")).ThenNothing();

    [Fact]
    public void a_bust_of_the_last_fill_leaves_the_time_of_the_one_before()
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 5, 10));
        var first = ledger.Now;
        ledger.And(Do.Execute("B", 5, 10), Do.Bust("B"));
        ledger.Order().FilledAt.ShouldBe(first);
    }

    [Fact]
    public void an_amount_that_no_decimal_holds_is_too_large_and_no_fault()
    {
        var ledger = Given.Portfolio(allowOverdraft: true).And(Do.Market(OrderSide.BUY, 1e11m));
        ledger.When(Do.Execute("A", 1e11m, 1e18m)).ThenRejected(RejectionCode.AmountTooLarge);
        ledger.When(Do.Buy(1e11m, 1e18m)).ThenRejected(RejectionCode.AmountTooLarge);
        ledger.When(Do.Limit(OrderSide.BUY, 1e11m, 1e18m)).ThenRejected(RejectionCode.AmountTooLarge);
    }

    [Fact]
    public void an_order_event_that_cannot_follow_stops_the_portfolio()
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10));
        var again = ledger.Decided.OfType<OrderExecuted>().Single();
        Should.Throw<InvalidHistoryException>(() => Order.Evolve(ledger.Order(), again, ledger.Now));
        Should.Throw<InvalidHistoryException>(() => Order.Evolve(null, again, ledger.Now));
    }
}
