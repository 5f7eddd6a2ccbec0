using System.Collections.Immutable;
using System.Globalization;
using Bifrost.Domain.Instruments;
using FsCheck;
using FsCheck.Fluent;

namespace Bifrost.Domain.Tests;

internal enum StepKind
{
    Record,
    Place,
    Execute,
    Cancel,
    Expire,
    Replace,
    Fund,
    Method,
    Bust,
    Correct,
    Split,
    AmendRecorded,
    AmendFunding,

    /// <summary>More than the order was for, or after its end.</summary>
    Overfill,
}

/// <summary>A wish that is made a command when its turn comes, so that a shorter story still makes sense.</summary>
internal sealed record Step(StepKind Kind, string Symbol, OrderSide Side, decimal Quantity, decimal Price, decimal Fee)
{
    /// <summary>Chooses among what there is then: an order, an execution, a variant.</summary>
    public int Pick { get; init; }

    public int Days { get; init; }

    public OrderType Type { get; init; } = OrderType.LIMIT;

    public LotMethod Method { get; init; }

    public FundingType Funding { get; init; }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"\n  {Kind} {Side} {Quantity} {Symbol} at {Price} fee {Fee} #{Pick} day {Days} {Type} {Method} {Funding}");
}

/// <summary>A portfolio and some thirty commands.</summary>
internal sealed record Scenario(LotMethod Method, bool AllowShort, bool AllowOverdraft, ImmutableArray<Step> Steps)
{
    private static readonly string[] Symbols = ["ORCL", "IBM", "SAP", "OPT"];

    /// <summary>
    /// One of the symbols is quoted in euros; another in pence, a hundred at a time, and below zero too.
    /// </summary>
    public static Instrument Known(string symbol) => symbol switch
    {
        "SAP" => new Instrument { Symbol = symbol, Currency = "EUR" },
        "OPT" => new Instrument
        {
            Symbol = symbol, Currency = "GBX", Multiplier = 100, AllowsNonPositivePrice = true, QuantityDecimals = 8,
        },
        _ => Instrument.Undescribed(symbol),
    };

    // Rates move, and some are not known at times.
    private static Rate? RateAt(int turn, string from) => from switch
    {
        "EUR" => new Rate(1.05m + turn % 11 / 100m, Given.Opening.AddMinutes(turn), "EURUSD"),
        "GBP" when turn % 7 != 0 => new Rate(1.2m + turn % 5 / 1000m, Given.Opening.AddMinutes(turn), "GBPUSD"),
        _ => null,
    };

    public string Currency { get; init; } = "USD";

    public static Arbitrary<Scenario> Any { get; } = With(Enum.GetValues<StepKind>());

    /// <summary>What no amendment took back.</summary>
    public static Arbitrary<Scenario> Unamended { get; } = With(
        [.. Enum.GetValues<StepKind>().Except(Amendments)]);

    /// <summary>What rules bind: nothing was amended, no venue filled too much, no split came late.</summary>
    public static Arbitrary<Scenario> Bound { get; } = With(
        [.. Enum.GetValues<StepKind>().Except([.. Amendments, StepKind.Split, StepKind.Overfill])]);

    private static IEnumerable<StepKind> Amendments =>
        [StepKind.Bust, StepKind.Correct, StepKind.AmendRecorded, StepKind.AmendFunding];

    public static Arbitrary<Scenario> With(params StepKind[] kinds)
    {
        // Fills are what the rest is about, so they come oftener.
        StepKind[] often = [StepKind.Record, StepKind.Record, StepKind.Place, StepKind.Execute, StepKind.Execute];
        var steps = Gen.Elements([.. kinds, .. often]).SelectMany(StepOf).ListOf().Resize(60);
        var scenarios =
            from method in Numbers.Method
            from allowShort in Gen.Elements(true, false)
            from allowOverdraft in Gen.Elements(true, false)
            from currency in Gen.Elements("USD", "USD", "JPY")
            from list in steps
            select new Scenario(method, allowShort, allowOverdraft, [.. list]) { Currency = currency };
        return Arb.From(scenarios, Shrink);
    }

    public Ledger Run(Action<Ledger>? after = null)
    {
        var turn = 0;
        var ledger = Given.Portfolio(
            Method, 50_000, AllowShort, AllowOverdraft, Currency, Known, (from, _) => RateAt(turn, from));
        foreach (var (index, step) in Steps.Index())
        {
            turn = index;
            if (Commands.For(step, index, ledger.State) is not { } command)
                continue;
            ledger.When(command);
            after?.Invoke(ledger);
        }
        return ledger;
    }

    public override string ToString() =>
        $"{Method}, shorts {AllowShort}, overdraft {AllowOverdraft}, {Currency}: {string.Concat(Steps)}";

    private static Gen<Step> StepOf(StepKind kind) =>
        from symbol in Gen.Elements(Symbols)
        from side in Numbers.Side
        from quantity in Numbers.Quantity
        from price in Numbers.Price
        from fee in Numbers.Fee
        from pick in Gen.Choose(0, 1_000)
        from days in Numbers.Days
        from type in Gen.Elements(Enum.GetValues<OrderType>())
        from method in Numbers.Method
        from funding in Gen.Elements(Enum.GetValues<FundingType>())
        select new Step(kind, symbol, side, quantity, price, fee)
        {
            Pick = pick, Days = days, Type = type, Method = method, Funding = funding,
        };

    private static IEnumerable<Scenario> Shrink(Scenario scenario)
    {
        foreach (var steps in Numbers.Shorter(scenario.Steps))
            yield return scenario with { Steps = [.. steps] };
        for (var at = 0; at < scenario.Steps.Length; at++)
        {
            foreach (var simpler in Simpler(scenario.Steps[at]))
                yield return scenario with { Steps = scenario.Steps.SetItem(at, simpler) };
        }
    }

    private static IEnumerable<Step> Simpler(Step step)
    {
        if (step.Fee != 0)
            yield return step with { Fee = 0 };
        if (step.Days != 0)
            yield return step with { Days = 0 };
        foreach (var quantity in Numbers.Simpler(step.Quantity))
            yield return step with { Quantity = quantity };
        foreach (var price in Numbers.Simpler(step.Price))
            yield return step with { Price = price };
    }
}
