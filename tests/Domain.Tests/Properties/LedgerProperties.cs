using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Bifrost.Domain.Tests;

/// <summary>What holds for every portfolio after every command.</summary>
public sealed class LedgerProperties
{
    [Fact]
    public void every_fact_and_the_trial_balance_sum_to_zero_in_each_commodity() => Property.Holds(
        Scenario.Any,
        scenario => scenario.Run(ledger =>
        {
            foreach (var happened in ledger.Decided)
                Sums(Postings.Of(happened, ledger.State.Currency)).Values.Where(sum => sum != 0).ShouldBeEmpty();
        }));

    [Fact]
    public void accounts_say_what_the_state_says() => Property.Holds(Scenario.Any, scenario =>
    {
        var balances = new Dictionary<string, decimal>();
        scenario.Run(ledger =>
        {
            Post(ledger, balances);
            var p = ledger.State;
            foreach (var code in p.OtherCash.Keys.Append(p.Currency.Code))
            {
                Balance(Postings.Cash, code).ShouldBe(p.CashIn(code));
                Balance(Postings.RealizedPnl, code).ShouldBe(
                    -p.Holdings.Values.Where(h => p.CurrencyOf(h.Currency).Code == code).Sum(h => h.RealizedPnl));
            }
            foreach (var holding in p.Holdings.Values)
            {
                Balance($"assets:positions:{holding.Symbol}", p.CurrencyOf(holding.Currency).Code)
                    .ShouldBe(holding.CostBasis);
                Balance($"assets:shares:{holding.Symbol}", holding.Symbol).ShouldBe(holding.Quantity);
            }
            decimal Balance(string account, string commodity) => balances.GetValueOrDefault($"{account} {commodity}");
        });
    });

    [Fact]
    public void lots_add_up_to_their_holding_and_holdings_to_the_portfolio() => Property.Holds(
        Scenario.Any,
        scenario => scenario.Run(ledger =>
        {
            foreach (var holding in ledger.State.Holdings.Values)
            {
                holding.Lots.Sum(lot => lot.Quantity).ShouldBe(holding.Quantity);
                holding.Lots.Sum(lot => lot.Cost).ShouldBe(holding.CostBasis);
                holding.Lots.Where(lot => lot.Quantity * holding.Quantity <= 0).ShouldBeEmpty();
                holding.Lots.Select(lot => lot.OpenedAt).ShouldBeInOrder();
                holding.Lots.Select(lot => lot.LotId).ShouldBeUnique();
            }
            ledger.State.Holdings.Values.Sum(holding => holding.KnownRealizedPnl).ShouldBe(ledger.State.RealizedPnl);
        }));

    [Fact]
    public void without_shorting_nothing_is_sold_or_reserved_that_is_not_held() => Property.Holds(
        Scenario.Bound,
        scenario => (scenario with { AllowShort = false }).Run(ledger =>
        {
            foreach (var holding in ledger.State.Holdings.Values)
            {
                holding.Quantity.ShouldBeGreaterThanOrEqualTo(0);
                ledger.State.AvailableShares(holding.Symbol).ShouldBeGreaterThanOrEqualTo(0);
            }
        }));

    [Fact]
    public void what_is_reserved_is_what_working_orders_reserve() => Property.Holds(
        Scenario.Any,
        scenario =>
        {
            var end = scenario.Run(Reservations);
            foreach (var order in end.State.Orders.Values.Where(order => order.IsWorking))
                end.And(Do.Cancel(order.OrderId));
            end.State.ReservedCash.ShouldBe(0);
            end.State.OtherCash.Values.Where(other => other.Reserved != 0).ShouldBeEmpty();
            end.State.ReservedShares.ShouldBeEmpty();
        });

    [Fact]
    public void events_read_back_from_json_fold_to_the_same_state() => Property.Holds(
        Scenario.Any,
        scenario =>
        {
            var ledger = scenario.Run();
            var folded = (Portfolio?)null;
            foreach (var recorded in ledger.History)
                folded = Portfolio.Evolve(folded, recorded with { Event = ReadBack(recorded.Event) });
            Rows.Of(folded!).ShouldBe(Rows.Of(ledger.State));
        },
        tests: 30);

    [Fact]
    public void the_state_knows_how_long_each_stream_is() => Property.Holds(Scenario.Unamended, StreamsAreCounted);

    [Fact]
    public void the_state_knows_how_long_each_stream_is_after_amendments() =>
        Property.Holds(Scenario.Any, StreamsAreCounted);

    [Fact]
    public void cash_and_cost_change_by_what_is_realized_funded_and_rounded() => Property.Holds(
        Scenario.Any,
        scenario =>
        {
            var ledger = scenario.Run();
            var p = ledger.State;
            var paid = ledger.Events.SelectMany(e => Postings.Of(e, p.Currency)).ToLookup(posting => posting.Commodity);
            foreach (var code in p.OtherCash.Keys.Append(p.Currency.Code))
            {
                var held = p.Holdings.Values.Where(h => p.CurrencyOf(h.Currency).Code == code).ToList();
                var funded = ledger.Events.Where(e => e is CashMoved or FundingRestated)
                    .SelectMany(e => CashMoves.Of(e)).Where(move => p.CurrencyOf(move.Currency).Code == code)
                    .Sum(move => move.Amount);
                var lost = paid[code].Where(posting => posting.Account is Postings.Rounding or Postings.Commissions)
                    .Sum(posting => posting.Amount);
                (p.CashIn(code) + held.Sum(h => h.CostBasis)).ShouldBe(held.Sum(h => h.RealizedPnl) + funded - lost);
            }
        });

    [Fact]
    public void a_fill_is_rounded_by_at_most_half_a_minor_unit() => Property.Holds(
        Scenario.Unamended,
        scenario => scenario.Run(ledger =>
        {
            Rounded(ledger).Where(posting => Math.Abs(posting.Amount) > Half(posting.Commodity)).ShouldBeEmpty();
            static decimal Half(string code) => Money.Unit(Currency.Of(code).MinorUnit) / 2;
        }));

    [Fact]
    public void the_open_round_trip_is_as_large_as_the_position() => Property.Holds(
        Scenario.Any,
        scenario => scenario.Run(ledger =>
        {
            foreach (var holding in ledger.State.Holdings.Values)
            {
                var trade = ledger.State.Trades.GetValueOrDefault(holding.Symbol);
                (trade?.OpenQuantity ?? 0).ShouldBe(Math.Abs(holding.Quantity));
                if (holding.Quantity != 0)
                    trade!.IsShort.ShouldBe(holding.Quantity < 0);
            }
        }));

    [Fact]
    public void round_trips_realize_together_what_their_holding_realized() =>
        Property.Holds(Scenario.Unamended, TradesAddUp);

    [Fact]
    public void round_trips_realize_together_what_their_holding_realized_after_amendments() =>
        Property.Holds(Scenario.Any, TradesAddUp);

    [Fact]
    public void scenarios_reach_every_kind_of_event()
    {
        var reached = Scenario.Any.Generator.Sample(150, new Rnd(1), 300).SelectMany(scenario => scenario.Run().Events)
            .Select(happened => happened.GetType()).ToHashSet();
        var kinds = typeof(LedgerEvent).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(LedgerEvent)) && !type.IsAbstract);
        kinds.Except(reached).ShouldBe([typeof(PortfolioRenamed), typeof(PortfolioClosed)], ignoreOrder: true);
    }

    private static void TradesAddUp(Scenario scenario)
    {
        var ledger = scenario.Run();
        var table = TradeTable.Of(ledger).Values;
        foreach (var holding in ledger.State.Holdings.Values)
        {
            var trades = table.Where(trade => trade.Symbol == holding.Symbol).ToList();
            trades.Sum(trade => trade.RealizedPnl).ShouldBe(holding.RealizedPnl);
            trades.Sum(trade => trade.OpenQuantity).ShouldBe(Math.Abs(holding.Quantity));
        }
    }

    private static void StreamsAreCounted(Scenario scenario)
    {
        var (state, lengths) = ((Portfolio?)null, new Dictionary<StreamId, long>());
        foreach (var recorded in scenario.Run().History)
        {
            var length = lengths.GetValueOrDefault(recorded.Event.Stream);
            if (state?.VersionOf(recorded.Event) is { } version)
                version.ShouldBe(length, recorded.Event.ToString());
            lengths[recorded.Event.Stream] = length + 1;
            state = Portfolio.Evolve(state, recorded);
        }
        state!.Version.ShouldBe(lengths.Values.Sum());
    }

    private static void Reservations(Ledger ledger)
    {
        var p = ledger.State;
        var working = p.Orders.Values.Where(order => order.IsWorking).ToList();
        p.ReservedCash.ShouldBe(working.Where(order => order.Currency is null).Sum(order => order.ReservedCash));
        foreach (var (code, other) in p.OtherCash)
            other.Reserved.ShouldBe(working.Where(order => order.Currency == code).Sum(order => order.ReservedCash));
        p.ReservedShares.Values.Sum().ShouldBe(working.Sum(order => order.ReservedShares));
        p.Orders.Values.Where(order => order.ReservedCash < 0).ShouldBeEmpty();
        p.Orders.Values.Where(order => !order.IsWorking && order.ReservedCash != 0).ShouldBeEmpty();
        foreach (var order in p.Orders.Values)
            order.FilledQuantity.ShouldBe(order.Executions.Values.Where(e => !e.IsBusted).Sum(e => e.Quantity));
    }

    private static IEnumerable<Posting> Rounded(Ledger ledger) => ledger.Decided
        .SelectMany(happened => Postings.Of(happened, ledger.State.Currency))
        .Where(posting => posting.Account == Postings.Rounding);

    private static void Post(Ledger ledger, Dictionary<string, decimal> balances)
    {
        // The first call also takes the deposit that the scenario begins with.
        var happened = balances.Count == 0 ? ledger.Events : ledger.Decided;
        foreach (var posting in happened.SelectMany(e => Postings.Of(e, ledger.State.Currency)))
        {
            var account = $"{posting.Account} {posting.Commodity}";
            balances[account] = balances.GetValueOrDefault(account) + posting.Amount;
        }
    }

    private static Dictionary<string, decimal> Sums(IEnumerable<Posting> postings) =>
        postings.GroupBy(posting => posting.Commodity).ToDictionary(g => g.Key, g => g.Sum(posting => posting.Amount));

    private static LedgerEvent ReadBack(LedgerEvent happened) =>
        (LedgerEvent)JsonSerializer.Deserialize(
            JsonSerializer.Serialize(happened, happened.GetType()), happened.GetType())!;
}
