using System.Globalization;

namespace Bifrost.Domain.Tests;

/// <summary>A split between random fills, against exact fractions, and known in time or late.</summary>
public sealed class SplitProperties
{
    // Stories are told in hundredths of shares, so that what these make of them is exact.
    private static readonly (int Numerator, int Denominator)[] Ratios = [(2, 1), (3, 2), (10, 1), (1, 4), (1, 10)];

    public static TheoryData<LotMethod> Methods() => [.. Enum.GetValues<LotMethod>()];

    [Theory]
    [MemberData(nameof(Methods))]
    public void gains_and_cost_agree_with_an_independent_calculation(LotMethod method) =>
        Property.Holds(Fills.Any, fills =>
        {
            var (story, book) = (new Story(method, fills), new NaiveBook(method));
            var ledger = story.Run(story.InTime);
            foreach (var (index, fill) in story.Fills.List.Index())
            {
                if (index == story.SplitBefore)
                    book.Split(story.Ratio.Numerator, story.Ratio.Denominator);
                book.Fill(fill.Side, fill.Quantity, fill.Price, fill.Fee + fill.Tax, Story.TimeOf(index));
            }
            Close(ledger.State.RealizedPnl, book.Realized);
            Close(ledger.Holding().CostBasis, book.Cost);
        });

    [Theory]
    [MemberData(nameof(Methods))]
    public void a_split_that_is_known_last_comes_to_what_it_would_have_in_time(LotMethod method) =>
        Property.Holds(Fills.Any, fills =>
        {
            var story = new Story(method, fills);
            Numbers(story.Run(story.SplitLast)).ShouldBe(Numbers(story.Run(story.InTime)));
        });

    [Theory]
    [MemberData(nameof(Methods))]
    public void a_fill_that_is_known_last_comes_to_what_it_would_have_before_the_split(LotMethod method) =>
        Property.Holds(Fills.Any, fills =>
        {
            var story = new Story(method, fills);
            // What was never held is not split, so there is another fill before it.
            if (story.SplitBefore < 2)
                return;
            Numbers(story.Run(story.FillLast)).ShouldBe(Numbers(story.Run(story.InTime)));
        });

    // A lot is told by its execution, a round trip by what it is: with another order of commands they have other ids.
    private static string[] Numbers(Ledger ledger)
    {
        var fills = ledger.Events.OfType<HoldingFilled>().ToDictionary(e => e.TransactionId, e => e.ExecutionId);
        foreach (var late in ledger.Events.OfType<HoldingRestated>())
            fills[late.TransactionId] = late.Corrected!.ExecutionId;
        var holding = ledger.Holding();
        return
        [
            Text($"cash {ledger.State.Cash:G29} realized {ledger.State.RealizedPnl:G29}"),
            Text($"{holding.Quantity:G29} cost {holding.CostBasis:G29} last {holding.LastPrice:G29}"),
            .. holding.Lots.Select(lot =>
                Text($"{fills[lot.LotId]} {lot.OpenedAt:s} {lot.Quantity:G29} {lot.Cost:G29}")),
            .. TradeTable.Of(ledger).Values.Select(Row).Order(StringComparer.Ordinal),
        ];
    }

    private static string Row(Trade t)
    {
        var entry = Text($"{t.EntryDate:s} {t.EntryQuantity:G29} {t.EntryAmount:G29} short {t.IsShort}");
        return Text($"{entry}, {t.ExitQuantity:G29} {t.RealizedPnl:G29}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Close(decimal actual, Fraction exact) =>
        (Fraction.Of(actual) - exact).Abs().ShouldBeLessThanOrEqualTo(Fraction.Of(0.000_000_001m));

    /// <summary>Fills an hour apart, and a split just before one of them or after the last.</summary>
    private sealed record Story(LotMethod Method, Fills Any)
    {
        public Fills Fills { get; } = Any with
        {
            List = [.. Any.List.Select(fill => fill with { Quantity = decimal.Ceiling(fill.Quantity * 100) / 100 })],
        };

        public int SplitBefore => Fills.Picks[0] % (Fills.List.Length + 1);

        public (int Numerator, int Denominator) Ratio => Ratios[Fills.Picks[1] % Ratios.Length];

        public IEnumerable<Command> InTime => Until(SplitBefore).Append(Split).Concat(From(SplitBefore));

        public IEnumerable<Command> SplitLast => Until(SplitBefore).Concat(From(SplitBefore)).Append(Split);

        /// <summary>The last fill of before the split is told at the very end.</summary>
        public IEnumerable<Command> FillLast =>
            Until(SplitBefore - 1).Append(Split).Concat(From(SplitBefore)).Append(Fill(SplitBefore - 1));

        private Command Split => Do.Split(Ratio.Numerator, Ratio.Denominator) with
        {
            OccurredAt = TimeOf(SplitBefore).AddMinutes(-30),
        };

        public static DateTimeOffset TimeOf(int index) => Given.Opening.AddHours(index);

        public Ledger Run(IEnumerable<Command> commands)
        {
            var ledger = Given.Portfolio(Method, allowShort: true, allowOverdraft: true);
            foreach (var command in commands)
            {
                if (command is SplitShares && !ledger.State.Holdings.ContainsKey("ORCL"))
                    continue;
                ledger.And(command);
            }
            return ledger;
        }

        private IEnumerable<Command> Until(int index) => Enumerable.Range(0, index).Select(Fill);

        private IEnumerable<Command> From(int index) =>
            Enumerable.Range(index, Fills.List.Length - index).Select(Fill);

        private Command Fill(int index)
        {
            var fill = Fills.List[index];
            var record = Do.Buy(fill.Quantity, fill.Price, fill.Fee, fill.Tax);
            return record with { Side = fill.Side, ExecutionId = $"X{index}", OccurredAt = TimeOf(index) };
        }
    }
}
