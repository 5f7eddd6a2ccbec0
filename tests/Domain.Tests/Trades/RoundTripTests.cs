namespace Bifrost.Domain.Tests;

public sealed class RoundTripTests
{
    [Fact]
    public void a_first_buy_opens_a_round_trip()
    {
        var ledger = Funded().And(Do.Buy(10, 10, fee: 1, tax: 2));
        Trade(ledger).ShouldBe(new Trade
        {
            TradeId = 1,
            Symbol = "ORCL",
            IsShort = false,
            EntryQuantity = 10,
            EntryAmount = 100,
            Commission = 1,
            Tax = 2,
            EntryDate = ledger.Now,
            UpdatedAt = ledger.Now,
            Version = 1,
        });
        Trade(ledger).Status.ShouldBe(TradeStatus.OPEN);
    }

    [Fact]
    public void more_of_the_same_side_increases_it()
    {
        var ledger = Funded().And(Do.Buy(10, 10, fee: 1), Do.Buy(5, 12, fee: 1));
        ledger.ThenTypes(typeof(LotOpened), typeof(TradeIncreased));
        Trade(ledger).ShouldSatisfyAllConditions(
            t => t.EntryQuantity.ShouldBe(15),
            t => t.EntryAmount.ShouldBe(160),
            t => t.Commission.ShouldBe(2));
    }

    [Fact]
    public void less_reduces_it_and_the_rest_closes_it()
    {
        var ledger = Funded().And(Do.Buy(10, 10), Do.Sell(4, 12, fee: 1));
        ledger.ThenTypes(typeof(LotsMatched), typeof(TradeReduced));
        (Trade(ledger).Status, Trade(ledger).ExitDate).ShouldBe((TradeStatus.PARTIALLY_CLOSED, null));
        ledger.And(Do.Sell(6, 13)).ThenTypes(typeof(LotsMatched), typeof(TradeClosed));
        Trade(ledger).ShouldSatisfyAllConditions(
            t => t.Status.ShouldBe(TradeStatus.CLOSED),
            t => t.ExitQuantity.ShouldBe(10),
            t => t.ExitAmount.ShouldBe(126),
            t => t.RealizedPnl.ShouldBe(25),
            t => t.ExitDate.ShouldBe(ledger.Now));
    }

    [Fact]
    public void a_buy_after_flat_opens_another()
    {
        var ledger = Funded().And(Do.Buy(10, 10), Do.Sell(10, 12), Do.Buy(1, 11));
        Trade(ledger).TradeId.ShouldBe(2);
    }

    [Fact]
    public void a_fill_through_zero_closes_one_and_opens_another_the_other_way()
    {
        var ledger = Funded().And(Do.Buy(10, 10), Do.Sell(15, 12, fee: 3));
        ledger.ThenTypes(typeof(LotsMatched), typeof(TradeClosed), typeof(TradeOpened));
        ledger.ThenAmong<TradeClosed>(e => (e.Quantity, e.Commission, e.RealizedPnl).ShouldBe((10, 2, 18)));
        Trade(ledger).ShouldSatisfyAllConditions(
            t => t.TradeId.ShouldBe(2),
            t => t.IsShort.ShouldBeTrue(),
            t => t.EntryQuantity.ShouldBe(5),
            t => t.Commission.ShouldBe(1));
    }

    [Fact]
    public void a_short_round_trip_gains_when_the_price_falls()
    {
        var ledger = Funded().And(Do.Sell(10, 12, fee: 1), Do.Buy(10, 10, fee: 1));
        (Trade(ledger).IsShort, Trade(ledger).RealizedPnl, Trade(ledger).Status)
            .ShouldBe((true, 18, TradeStatus.CLOSED));
    }

    [Fact]
    public void a_bust_of_the_closing_fill_restates_it_as_open()
    {
        var ledger = Bought(10).And(Sold(10, "B")).And(Do.Bust("B", order: 2));
        ledger.ThenTypes(typeof(ExecutionBusted), typeof(HoldingRestated), typeof(TradeRestated));
        Trade(ledger).ShouldSatisfyAllConditions(
            t => t.Status.ShouldBe(TradeStatus.OPEN),
            t => t.RealizedPnl.ShouldBe(0),
            t => t.ExitDate.ShouldBeNull());
    }

    [Fact]
    public void a_bust_of_the_only_fill_voids_it()
    {
        var ledger = Bought(10).And(Do.Bust("A"));
        ledger.ThenTypes(typeof(ExecutionBusted), typeof(HoldingRestated), typeof(TradeVoided));
        ledger.State.Trades.ShouldBeEmpty();
        (ledger.Holding().Quantity, ledger.State.Cash).ShouldBe((0, 1_000));
    }

    [Fact]
    public void a_bust_may_join_two_round_trips_into_one()
    {
        var ledger = Bought(10).And(Sold(10, "B")).And(Do.Buy(5, 11)).And(Do.Bust("B", order: 2));
        ledger.ThenAmong<TradeVoided>(e => e.TradeId.ShouldBe(2));
        (Trade(ledger).TradeId, Trade(ledger).EntryQuantity).ShouldBe((1, 15));
        ledger.And(Do.Sell(15, 12));
        Trade(ledger).Status.ShouldBe(TradeStatus.CLOSED);
    }

    [Fact]
    public void a_correction_may_split_one_round_trip_in_two()
    {
        var ledger = Bought(10).And(Sold(6, "B")).And(Do.Buy(5, 11)).And(Do.Correct("A", 6));
        Table(ledger).ShouldBe([(1, 6, 6), (2, 5, 0)]);
        ledger.And(Do.Sell(5, 12));
        Table(ledger).ShouldBe([(1, 6, 6), (2, 5, 5)]);
    }

    [Fact]
    public void a_round_trip_that_a_correction_made_is_known_to_the_next_correction()
    {
        var ledger = Bought(10).And(Sold(6, "B")).And(Do.Buy(5, 11)).And(Do.Correct("A", 6), Do.Correct("A", 10));
        Table(ledger).ShouldBe([(1, 15, 6)]);
        ledger.And(Do.Correct("A", 6));
        Table(ledger).Select(row => row.Entry).ShouldBe([6m, 5m]);
    }

    [Fact]
    public void the_stream_of_a_round_trip_that_a_bust_opened_again_goes_on_with_its_next_version()
    {
        var ledger = Bought(10).And(Sold(10, "B")).And(Do.Buy(5, 11)).And(Do.Bust("B", order: 2));
        var streamed = ledger.Events.OfType<TradeEvent>().LongCount(e => e.TradeId == 1);
        Trade(ledger).Version.ShouldBe(streamed);
    }

    [Fact]
    public void an_event_that_does_not_fit_a_round_trip_stops_the_portfolio()
    {
        var ledger = Funded().And(Do.Buy(10, 10), Do.Sell(10, 12));
        var closed = ledger.Decided.OfType<TradeClosed>().Single();
        Should.Throw<InvalidHistoryException>(() => Domain.Trades.Trade.Evolve(null, closed, ledger.Now));
        Should.Throw<InvalidHistoryException>(() => Domain.Trades.Trade.Evolve(Trade(ledger), closed, ledger.Now));
    }

    private static Ledger Funded() => Given.Portfolio(cash: 1_000, allowShort: true);

    private static Ledger Bought(decimal quantity) =>
        Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", quantity, 10));

    private static Command[] Sold(decimal quantity, string id) =>
        [Do.Limit(OrderSide.SELL, quantity, 12), Do.Execute(id, quantity, 12, order: 2)];

    private static Trade Trade(Ledger ledger) => ledger.State.Trades["ORCL"];

    private static (int Id, decimal Entry, decimal Exit)[] Table(Ledger ledger) =>
        [.. TradeTable.Of(ledger).Values.Select(t => (t.TradeId, t.EntryQuantity, t.ExitQuantity)).Order()];
}
