using System.Globalization;

namespace Bifrost.Domain.Tests;

public sealed class ReservationTests
{
    [Fact]
    public void a_limit_buy_reserves_its_limit_times_its_quantity_and_the_fees_it_expects() =>
        Reserved(Funded().And(Do.Limit(OrderSide.BUY, 10, 10.005m) with { EstimatedFees = 1.50m })).ShouldBe(101.55m);

    [Fact]
    public void what_is_reserved_is_in_whole_minor_units() =>
        Reserved(Funded().And(Do.Limit(OrderSide.BUY, 1, 10) with { EstimatedFees = 0.333m })).ShouldBe(10.33m);

    [Fact]
    public void what_is_reserved_cannot_be_reserved_again()
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 6, 10));
        ledger.When(Do.Limit(OrderSide.BUY, 5, 10)).ThenRejected(RejectionCode.InsufficientBuyingPower);
        ledger.And(Do.Limit(OrderSide.BUY, 4, 10)).State.BuyingPower.ShouldBe(0);
    }

    [Fact]
    public void a_fill_releases_in_proportion_and_the_last_one_all_that_is_left()
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 3, 10) with { EstimatedFees = 0.01m });
        Reserved(ledger.And(Do.Execute("A", 1, 9))).ShouldBe(20.01m);
        Reserved(ledger.And(Do.Execute("B", 1, 9))).ShouldBe(10.00m);
        Reserved(ledger.And(Do.Execute("C", 1, 9))).ShouldBe(0);
    }

    [Fact]
    public void cancel_and_expiry_give_back_what_is_still_reserved()
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 3, 10), Do.Limit(OrderSide.BUY, 5, 10));
        Reserved(ledger.And(Do.Execute("A", 1, 10), Do.Cancel())).ShouldBe(50);
        Reserved(ledger.And(Do.Expire(order: 2))).ShouldBe(0);
    }

    [Fact]
    public void a_market_buy_reserves_the_last_known_price_with_a_collar()
    {
        var ledger = Funded().And(Do.Buy(1, 100), Do.Market(OrderSide.BUY, 2));
        Reserved(ledger).ShouldBe(210);
    }

    [Fact]
    public void a_market_buy_of_an_unknown_price_reserves_only_the_fees_it_expects() =>
        Reserved(Funded().And(Do.Market(OrderSide.BUY, 2) with { EstimatedFees = 1 })).ShouldBe(1);

    [Fact]
    public void a_stop_buy_reserves_its_stop_with_a_collar_and_a_stop_limit_its_limit()
    {
        Reserved(Funded().And(Do.Stop(OrderSide.BUY, 2, 50))).ShouldBe(105);
        Reserved(Funded().And(Do.Stop(OrderSide.BUY, 2, 50, limit: 51))).ShouldBe(102);
    }

    [Fact]
    public void an_overdraft_lets_an_order_reserve_more_than_there_is() =>
        Reserved(Given.Portfolio(allowOverdraft: true).And(Do.Limit(OrderSide.BUY, 1, 10))).ShouldBe(10);

    [Fact]
    public void a_replacement_reserves_for_what_is_not_filled_yet()
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 4, 10), Do.Replace(12, 11));
        Reserved(ledger).ShouldBe(88);
    }

    [Fact]
    public void a_replacement_keeps_the_reserved_fees() =>
        Reserved(Funded().And(Do.Limit(OrderSide.BUY, 10, 10) with { EstimatedFees = 5 }, Do.Replace(limit: 9)))
            .ShouldBe(95);

    [Fact]
    public void a_replacement_that_reserves_less_is_taken_even_when_cash_is_overdrawn() =>
        Given.Portfolio(cash: 100)
            .And(Do.Limit(OrderSide.BUY, 10, 10), Do.Move(FundingType.FEE, 150))
            .When(Do.Replace(9)).ThenTypes(typeof(OrderReplaced));

    [Fact]
    public void a_sale_made_smaller_is_taken_even_when_a_bust_left_too_few_shares() =>
        Funded()
            .And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10), Do.Limit(OrderSide.SELL, 10, 12))
            .And(Do.Bust("A"))
            .When(Do.Replace(9, order: 2)).ThenTypes(typeof(OrderReplaced));

    [Fact]
    public void a_replacement_of_a_huge_order_counts_its_reservation_once() =>
        Given.Portfolio(cash: 600_000_000_000m)
            .And(Do.Limit(OrderSide.BUY, 60, 10_000_000_000m))
            .When(Do.Replace(59)).ThenTypes(typeof(OrderReplaced));

    [Fact]
    public void a_sale_reserves_shares_until_they_are_sold_or_it_ends()
    {
        var ledger = Funded().And(Do.Buy(10, 10), Do.Limit(OrderSide.SELL, 6, 12));
        ledger.State.AvailableShares("ORCL").ShouldBe(4);
        ledger.When(Do.Limit(OrderSide.SELL, 5, 12)).ThenRejected(RejectionCode.InsufficientShares);
        ledger.And(Do.Execute("A", 2, 12)).State.ReservedShares["ORCL"].ShouldBe(4);
        ledger.State.AvailableShares("ORCL").ShouldBe(4);
        ledger.And(Do.Cancel()).State.ReservedShares.ShouldBeEmpty();
        ledger.State.AvailableShares("ORCL").ShouldBe(8);
    }

    [Fact]
    public void a_sale_without_an_order_cannot_take_reserved_shares() =>
        Funded().And(Do.Buy(10, 10), Do.Limit(OrderSide.SELL, 6, 12))
            .When(Do.Sell(5, 12)).ThenRejected(RejectionCode.InsufficientShares);

    [Theory]
    [InlineData("0.01", "3")]
    [InlineData("100", "3")]
    [InlineData("0.07", "0.7")]
    public void a_bust_takes_back_exactly_what_the_fill_released(string price, string quantity)
    {
        var (p, q) = (Number(price), Number(quantity));
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, q, p), Do.Execute("A", decimal.Round(q / 7, 8), p));
        var before = Reserved(ledger);
        ledger.And(Do.Execute("B", decimal.Round(q / 3, 8), p), Do.Bust("B"));
        Reserved(ledger).ShouldBe(before);
        Reserved(ledger.And(Do.Bust("A"))).ShouldBe(decimal.Round(p * q, 2));
        ledger.Order().Status.ShouldBe(OrderStatus.PENDING);
    }

    [Fact]
    public void a_bust_of_a_filled_order_makes_it_workable_again_with_its_reservation()
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 4, 10), Do.Execute("B", 6, 10));
        Reserved(ledger.And(Do.Bust("A"))).ShouldBe(40);
        (ledger.Order().Status, ledger.Order().Unfilled).ShouldBe((OrderStatus.PARTIALLY_FILLED, 4));
        Reserved(ledger.And(Do.Execute("C", 4, 10))).ShouldBe(0);
    }

    [Fact]
    public void a_bust_of_a_cancelled_order_reserves_nothing_and_leaves_it_cancelled()
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 4, 10), Do.Cancel(), Do.Bust("A"));
        Reserved(ledger).ShouldBe(0);
        (ledger.Order().Status, ledger.Order().FilledQuantity).ShouldBe((OrderStatus.CANCELLED, 0));
    }

    [Theory]
    [InlineData(2, 80)]
    [InlineData(8, 20)]
    [InlineData(10, 0)]
    public void a_correction_of_a_working_order_reserves_for_what_is_open_now(int quantity, int reserved)
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 4, 10));
        Reserved(ledger.And(Do.Correct("A", quantity))).ShouldBe(reserved);
        ledger.Order().Unfilled.ShouldBe(10 - quantity);
        Reserved(ledger.And(Do.Correct("A", 4))).ShouldBe(60);
        Reserved(ledger.And(Do.Bust("A"))).ShouldBe(100);
    }

    [Fact]
    public void a_correction_of_a_filled_order_makes_the_rest_workable_again()
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10), Do.Correct("A", 7));
        Reserved(ledger).ShouldBe(30);
        ledger.Order().Status.ShouldBe(OrderStatus.PARTIALLY_FILLED);
        Reserved(ledger.And(Do.Correct("A", 10))).ShouldBe(0);
        ledger.Order().Status.ShouldBe(OrderStatus.FILLED);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    public void a_correction_of_a_cancelled_order_reserves_nothing(int quantity)
    {
        var ledger = Funded()
            .And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 4, 10), Do.Cancel(), Do.Correct("A", quantity));
        Reserved(ledger).ShouldBe(0);
        (ledger.Order().Status, ledger.Order().FilledQuantity).ShouldBe((OrderStatus.CANCELLED, quantity));
    }

    [Fact]
    public void a_bust_of_a_sale_reserves_its_shares_again()
    {
        var ledger = Funded().And(Do.Buy(10, 10), Do.Limit(OrderSide.SELL, 6, 12), Do.Execute("A", 6, 12));
        ledger.And(Do.Bust("A"));
        (ledger.State.ReservedShares["ORCL"], ledger.State.AvailableShares("ORCL")).ShouldBe((6, 4));
    }

    [Fact]
    public void a_bust_gives_a_sale_its_named_lots_back()
    {
        var ledger = Funded()
            .And(Do.Buy(10, 10), Do.Buy(10, 20), Do.Limit(OrderSide.SELL, 6, 12, new LotPick(2, 6)))
            .And(Do.Execute("A", 6, 12), Do.Bust("A"), Do.Execute("B", 6, 12));
        ledger.ThenAmong<LotsMatched>(e => e.Matches.ShouldHaveSingleItem().LotId.ShouldBe(2));
    }

    [Fact]
    public void a_correction_down_gives_a_sale_its_named_lots_back()
    {
        var ledger = Funded()
            .And(Do.Buy(10, 10), Do.Buy(10, 20), Do.Limit(OrderSide.SELL, 6, 12, new LotPick(2, 6)))
            .And(Do.Execute("A", 6, 12), Do.Correct("A", 2), Do.Execute("B", 4, 12));
        ledger.ThenAmong<LotsMatched>(e => e.Matches.ShouldHaveSingleItem().LotId.ShouldBe(2));
    }

    private static Ledger Funded() => Given.Portfolio(cash: 1_000);

    private static decimal Reserved(Ledger ledger)
    {
        ledger.State.ReservedCash.ShouldBe(ledger.State.Orders.Values.Sum(order => order.ReservedCash));
        return ledger.State.ReservedCash;
    }

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}
