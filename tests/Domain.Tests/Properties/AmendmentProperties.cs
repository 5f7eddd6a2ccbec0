namespace Bifrost.Domain.Tests;

/// <summary>A busted execution never was; a corrected one always had its new terms.</summary>
public sealed class AmendmentProperties
{
    [Theory]
    [MemberData(nameof(Methods))]
    public void a_bust_is_the_history_in_which_the_execution_never_was(LotMethod method) =>
        Property.Holds(Fills.Any, fills =>
        {
            var at = fills.Picked(0);
            var busted = Book(method, fills).And(Do.Bust(Id(at), at + 1));
            var never = Book(method, fills, skipped: at);
            Numbers(busted).ShouldBe(Numbers(never));
            Trades(busted).ShouldBe(Trades(never));
        });

    [Theory]
    [MemberData(nameof(Methods))]
    public void a_correction_is_the_history_that_always_had_its_terms(LotMethod method) =>
        Property.Holds(Fills.Any, fills =>
        {
            var (at, other) = (fills.Picked(0), fills.List[fills.Picked(1)]);
            var terms = other with { Side = fills.List[at].Side, Days = fills.List[at].Days };
            var corrected = Book(method, fills).And(Correct(at, terms));
            var always = Book(method, fills.With(at, terms));
            Numbers(corrected).ShouldBe(Numbers(always));
            Trades(corrected).ShouldBe(Trades(always));
        });

    [Theory]
    [MemberData(nameof(Methods))]
    public void a_correction_that_is_corrected_back_changes_nothing(LotMethod method) =>
        Property.Holds(Fills.Any, fills =>
        {
            var (at, other) = (fills.Picked(0), fills.List[fills.Picked(1)]);
            var ledger = Book(method, fills);
            var before = Numbers(ledger);
            ledger.And(Correct(at, other), Correct(at, fills.List[at]));
            Numbers(ledger).ShouldBe(before);
        });

    [Theory]
    [MemberData(nameof(Methods))]
    public void several_amendments_lead_to_the_lots_and_cash_of_their_outcome(LotMethod method) =>
        Property.Holds(Fills.Any, fills => Numbers(Amended(method, fills)).ShouldBe(Numbers(Outcome(method, fills))));

    [Theory]
    [MemberData(nameof(Methods))]
    public void several_amendments_lead_to_the_round_trips_of_their_outcome(LotMethod method) =>
        Property.Holds(Fills.Any, fills => Trades(Amended(method, fills)).ShouldBe(Trades(Outcome(method, fills))));

    [Theory]
    [MemberData(nameof(Methods))]
    public void a_portfolio_trades_on_after_an_amendment_as_after_its_outcome(LotMethod method) =>
        Property.Holds(Fills.Any, fills =>
        {
            var at = fills.Picked(0);
            var busted = Book(method, fills).And(Do.Bust(Id(at), at + 1));
            var never = Book(method, fills, skipped: at);
            foreach (var next in new[] { Do.Sell(7, 11, fee: 1), Do.Buy(20, 13, tax: 2), Do.Sell(13, 12) })
            {
                busted.And(next with { OccurredAt = Given.Opening.AddDays(9) });
                never.And(next with { OccurredAt = Given.Opening.AddDays(9) });
            }
            Numbers(busted).ShouldBe(Numbers(never));
            Trades(busted).ShouldBe(Trades(never));
        });

    [Fact]
    public void all_methods_realize_the_same_once_everything_is_closed() => Property.Holds(Fills.Any, fills =>
    {
        foreach (var method in Enum.GetValues<LotMethod>())
        {
            var ledger = Book(method, fills);
            var left = ledger.Holding().Quantity;
            if (left > 0)
                ledger.And(Do.Sell(left, 17, fee: 1.23m));
            if (left < 0)
                ledger.And(Do.Buy(-left, 17, fee: 1.23m));
            (ledger.Holding().Quantity, ledger.Holding().CostBasis).ShouldBe((0, 0));
            ledger.State.RealizedPnl.ShouldBe(ledger.Events.OfType<HoldingFilled>().Sum(e => e.ToFill().Value));
        }
    });

    [Fact]
    public void amounts_near_the_limit_stay_exact() => Property.Holds(Fills.Any, fills =>
    {
        var ledger = Given.Portfolio(allowShort: true, allowOverdraft: true);
        var value = Fraction.Zero;
        foreach (var fill in fills.List)
        {
            // Up to 40 thousand million shares at up to 20: all 28 digits are in use.
            var (quantity, price) = (fill.Quantity * 1_000_000_000, Math.Min(fill.Price, 1 + fill.Price * 0.001m));
            var record = Do.Buy(quantity, decimal.Round(price, 8), fill.Fee, fill.Tax) with { Side = fill.Side };
            ledger.When(record);
        }
        if (ledger.State.Holdings.GetValueOrDefault("ORCL") is not { } holding)
            return;
        ledger.When(Do.Buy(Math.Abs(holding.Quantity), 1.00000001m) with
        {
            Side = holding.Quantity > 0 ? OrderSide.SELL : OrderSide.BUY,
        });
        foreach (var fill in ledger.Events.OfType<HoldingFilled>())
        {
            var gross = Fraction.Of(fill.Quantity) * Fraction.Of(fill.Price);
            value += fill.Side == OrderSide.SELL ? gross : Fraction.Zero - gross;
            value -= Fraction.Of(fill.Commission + fill.Tax);
        }
        (Fraction.Of(ledger.State.RealizedPnl) - Fraction.Of(ledger.Holding().CostBasis)).ShouldBe(value);
    });

    public static TheoryData<LotMethod> Methods() => [.. Enum.GetValues<LotMethod>()];

    // Each fill has an order of its own with room for a correction up; an amended one is told by its place.
    private static Ledger Book(LotMethod method, Fills fills, params int[] skipped)
    {
        var ledger = Given.Portfolio(method, allowShort: true, allowOverdraft: true);
        foreach (var (index, fill) in fills.List.Index())
        {
            ledger.And(Do.Limit(fill.Side, 100, 1));
            if (!skipped.Contains(index))
            {
                ledger.And(Do.Execute(Id(index), fill.Quantity, fill.Price, fill.Fee, index + 1) with
                {
                    Tax = fill.Tax,
                    OccurredAt = Given.Opening.AddHours(index).AddDays(fill.Days),
                });
            }
        }
        return ledger;
    }

    // The first pick is corrected to the terms of the second; the second is busted, and the third, if they are others.
    private static Ledger Amended(LotMethod method, Fills fills)
    {
        var (first, second, third) = (fills.Picked(0), fills.Picked(1), fills.Picked(2));
        var ledger = Book(method, fills).And(Correct(first, fills.List[second]));
        foreach (var busted in Busted(first, second, third))
            ledger.And(Do.Bust(Id(busted), busted + 1));
        return ledger;
    }

    private static Ledger Outcome(LotMethod method, Fills fills)
    {
        var (first, second, third) = (fills.Picked(0), fills.Picked(1), fills.Picked(2));
        var terms = fills.List[second] with { Side = fills.List[first].Side, Days = fills.List[first].Days };
        return Book(method, fills.With(first, terms), Busted(first, second, third));
    }

    private static int[] Busted(int first, int second, int third) =>
        [.. new[] { second, third }.Where(at => at != first).Distinct()];

    private static CorrectExecution Correct(int at, Traded terms) => new()
    {
        OrderId = at + 1,
        ExecutionId = Id(at),
        Quantity = terms.Quantity,
        Price = terms.Price,
        Commission = terms.Fee,
        Tax = terms.Tax,
    };

    private static string Id(int index) => $"X{index}";

    // Transactions are counted, so a history with one less has other lot ids: a lot is told by its execution.
    private static string[] Numbers(Ledger ledger)
    {
        var fills = ledger.Events.OfType<HoldingFilled>().ToDictionary(e => e.TransactionId, e => e.ExecutionId);
        var holding = ledger.State.Holdings.GetValueOrDefault("ORCL");
        return
        [
            Text($"cash {ledger.State.Cash:G29} realized {ledger.State.RealizedPnl:G29}"),
            Text($"{holding?.Quantity ?? 0:G29} cost {holding?.CostBasis ?? 0:G29} {holding?.RealizedPnl ?? 0:G29}"),
            .. holding?.Lots.Select(lot =>
                Text($"{fills[lot.LotId]} {lot.OpenedAt:s} {lot.Quantity:G29} {lot.Cost:G29}")) ?? [],
        ];
    }

    private static string[] Trades(Ledger ledger) =>
        [.. TradeTable.Of(ledger).Values.Select(Row).Order(StringComparer.Ordinal)];

    private static string Row(Trade t)
    {
        var entry = Text($"{t.EntryDate:s} {t.EntryQuantity:G29} {t.EntryAmount:G29} short {t.IsShort}");
        var exit = Text($"{t.ExitDate:s} {t.ExitQuantity:G29} {t.ExitAmount:G29}");
        return Text($"{entry}, {exit}, {t.Commission:G29} {t.Tax:G29} {t.RealizedPnl:G29}");
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
