namespace Bifrost.Domain.Tests;

/// <summary>Busts and corrections: what is booked becomes what it would be had the execution always been so.</summary>
public sealed class AmendmentTests
{
    [Fact]
    public void a_bust_of_a_buy_gives_back_its_cash_and_its_lot()
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10, fee: 1), Do.Bust("A"));
        ledger.ThenAmong<HoldingRestated>(e =>
            (e.TransactionId, e.Corrected, e.QuantityChange, e.CostChange, e.CashAmount)
                .ShouldBe((1, null, -10, -101, 101)));
        (ledger.State.Cash, ledger.Holding().Lots.Count).ShouldBe((1_000, 0));
    }

    [Fact]
    public void a_bust_of_a_sale_gives_back_its_lots_and_what_it_realized()
    {
        var ledger = Funded().And(Do.Buy(10, 10), Do.Limit(OrderSide.SELL, 6, 15), Do.Execute("A", 6, 15));
        ledger.State.RealizedPnl.ShouldBe(30);
        ledger.And(Do.Bust("A"));
        (ledger.State.RealizedPnl, ledger.State.Cash, ledger.Holding().CostBasis).ShouldBe((0, 900, 100));
        ledger.Holding().Lots.ShouldHaveSingleItem().Quantity.ShouldBe(10);
    }

    [Fact]
    public void a_bust_of_a_buy_matches_later_sales_against_the_lots_that_are_left()
    {
        var ledger = Funded()
            .And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10), Do.Buy(10, 20), Do.Sell(5, 30));
        ledger.State.RealizedPnl.ShouldBe(100);
        ledger.And(Do.Bust("A")).State.RealizedPnl.ShouldBe(50);
        ledger.Holding().Lots.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            lot => lot.LotId.ShouldBe(2),
            lot => (lot.Quantity, lot.Cost).ShouldBe((5, 100)));
    }

    [Fact]
    public void a_bust_of_shares_that_were_sold_leaves_a_short_position_and_says_so()
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10), Do.Sell(5, 30));
        ledger.And(Do.Bust("A"));
        (ledger.Effect.Oversold, ledger.Holding().Quantity, ledger.Holding().CostBasis).ShouldBe((true, -5, -150));
    }

    [Fact]
    public void a_bust_of_spent_proceeds_overdraws_and_says_so()
    {
        var ledger = Given.Portfolio(cash: 100)
            .And(Do.Buy(10, 10), Do.Limit(OrderSide.SELL, 10, 15), Do.Execute("A", 10, 15))
            .And(Do.Withdraw(150), Do.Bust("A"));
        (ledger.State.Cash, ledger.Effect.Overdrawn).ShouldBe((-150, true));
    }

    [Fact]
    public void a_correction_changes_price_and_fees_of_the_lot_and_keeps_its_id_and_date()
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10, fee: 1));
        var first = ledger.Holding().Lots.Single();
        ledger.And(Do.Correct("A", price: 9, fee: 2));
        ledger.Holding().Lots.ShouldBe([first with { Cost = 92 }]);
        (ledger.State.Cash, ledger.Order().FilledAmount).ShouldBe((908, 90));
    }

    [Fact]
    public void a_sale_at_average_cost_pools_what_a_bust_of_an_earlier_sale_gave_back()
    {
        var ledger = Funded()
            .And(Do.Buy(10, 10), Do.Limit(OrderSide.SELL, 10, 15), Do.Execute("A", 10, 15), Do.Buy(10, 20))
            .And(Do.MethodTo(LotMethod.AVERAGE), Do.Bust("A"));
        ledger.Holding().Lots.Count.ShouldBe(2);
        ledger.When(Do.Sell(10, 30)).ThenTypes(typeof(LotsPooled), typeof(LotsMatched), typeof(TradeReduced));
        // Each of the twenty cost 15.
        (ledger.State.RealizedPnl, ledger.Holding().CostBasis).ShouldBe((150, 150));
    }

    [Fact]
    public void corrected_terms_are_what_a_repeated_report_is_compared_with() =>
        Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10), Do.Correct("A", price: 9))
            .When(Do.Execute("A", 10, 9)).ThenNothing();

    [Fact]
    public void a_bust_after_pooling_leaves_one_pool()
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10));
        ledger.And(Do.Buy(10, 20), Do.Buy(10, 30), Do.MethodTo(LotMethod.AVERAGE), Do.Bust("A"));
        ledger.Holding().Lots.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            lot => (lot.Quantity, lot.Cost).ShouldBe((20, 500)));
    }

    [Fact]
    public void a_bust_does_not_split_a_pool_that_the_method_left_again()
    {
        var ledger = Funded()
            .And(Do.Buy(10, 10), Do.Buy(10, 20), Do.MethodTo(LotMethod.AVERAGE), Do.MethodTo(LotMethod.LIFO));
        ledger.And(Do.Limit(OrderSide.SELL, 4, 30), Do.Execute("A", 4, 30));
        ledger.State.RealizedPnl.ShouldBe(60);
        ledger.And(Do.Limit(OrderSide.SELL, 4, 30), Do.Execute("B", 4, 30, order: 2), Do.Bust("B", order: 2));
        ledger.State.RealizedPnl.ShouldBe(60);
        ledger.Holding().Lots.ShouldHaveSingleItem().Cost.ShouldBe(240);
    }

    [Fact]
    public void lots_that_were_not_named_under_specific_are_chosen_again_after_a_bust()
    {
        var ledger = Given.Portfolio(LotMethod.SPECIFIC, cash: 1_000).And(Do.Buy(10, 10), Do.Buy(10, 20));
        ledger.And(Do.Limit(OrderSide.SELL, 10, 30), Do.Execute("A", 10, 30), Do.Sell(10, 30), Do.Bust("A"));
        ledger.Holding().Lots.ShouldHaveSingleItem().LotId.ShouldBe(2);
        ledger.State.RealizedPnl.ShouldBe(200);
    }

    [Fact]
    public void lots_that_were_named_are_named_again_after_a_bust()
    {
        var ledger = Funded().And(Do.Buy(10, 10), Do.Buy(10, 20), Do.Buy(10, 25));
        ledger.And(Do.Limit(OrderSide.SELL, 10, 30), Do.Execute("A", 10, 30));
        ledger.And(Do.Sell(10, 30) with { Lots = Do.Lots((3, 10)) }, Do.Bust("A"));
        ledger.Holding().Lots.Select(lot => lot.LotId).ShouldBe([1, 2]);
    }

    [Fact]
    public void a_busted_price_is_no_longer_the_last_known_one()
    {
        var ledger = Funded().And(Do.Buy(1, 10), Do.Limit(OrderSide.BUY, 1, 99), Do.Execute("A", 1, 99), Do.Bust("A"));
        ledger.Holding().LastPrice.ShouldBe(10);
    }

    [Fact]
    public void a_correction_of_the_time_alone_moves_the_lot_to_its_date()
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10));
        var traded = ledger.Now.AddDays(-3);
        ledger.And(Do.Correct("A") with { OccurredAt = traded });
        ledger.Holding().Lots.Single().OpenedAt.ShouldBe(traded);
    }

    [Fact]
    public void an_amendment_touches_no_other_symbol()
    {
        var other = Do.Buy(3, 7) with { Symbol = "IBM" };
        var ledger = Funded().And(other, Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10));
        var (ibm, trade) = (ledger.Holding("IBM"), ledger.State.Trades["IBM"]);
        ledger.And(Do.Correct("A", 5), Do.Bust("A"));
        ledger.Holding("IBM").ShouldBe(ibm);
        ledger.State.Trades["IBM"].ShouldBe(trade);
    }

    private static Ledger Funded() => Given.Portfolio(cash: 1_000);
}
