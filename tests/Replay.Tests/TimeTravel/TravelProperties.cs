using System.Text.Json;
using Bifrost.Domain;
using Bifrost.Domain.Tests;
using Bifrost.EventStore;
using Bifrost.Replay.Tests.Explaining;
using Bifrost.Replay.TimeTravel;

namespace Bifrost.Replay.Tests.TimeTravel;

/// <summary>Whatever happened, snapshots change no answer about the past.</summary>
public sealed class TravelProperties(LoggedStory log) : IClassFixture<LoggedStory>
{
    private const int Few = 7;

    [Fact]
    public void what_was_known_after_each_event_is_what_the_events_until_then_come_to() => Property.Holds(
        Scenario.Any.Generator,
        scenario => Run(async () =>
        {
            var story = StoredHistory.Of(scenario.Run());
            await log.Tell(story);
            var travel = new Travel(log.Source, Few);
            await travel.MakeSnapshots(story[0].Data.PortfolioId);

            Portfolio? state = null;
            for (var i = 0; i < story.Count; i++)
            {
                state = Portfolio.Evolve(state, story[i].Recorded);
                var past = await travel.Read(state.PortfolioId, new Moment { Sequence = i + 1 });
                past!.Version.ShouldBe(i + 1);
                Text(past.State).ShouldBe(Text(WithoutEnded(state)));
            }
        }),
        tests: 4);

    [Fact]
    public void what_was_true_at_a_moment_does_not_depend_on_snapshots() => Property.Holds(
        Scenario.Any.Generator,
        scenario => Run(async () =>
        {
            var story = StoredHistory.Of(scenario.Run());
            var id = story[0].Data.PortfolioId;
            await log.Tell(story);
            var plain = await Answers(new Travel(log.Source, int.MaxValue), id, story);

            var travel = new Travel(log.Source, Few);
            await travel.MakeSnapshots(id);

            (await Answers(travel, id, story)).ShouldBe(plain);
        }),
        tests: 5);

    [Fact]
    public void snapshots_that_are_made_in_several_turns_are_those_that_are_made_at_once() => Property.Holds(
        Scenario.Any.Generator,
        scenario => Run(async () =>
        {
            var story = StoredHistory.Of(scenario.Run());
            var id = story[0].Data.PortfolioId;
            var travel = new Travel(log.Source, Few);
            await log.Tell(story);
            var atOnce = await travel.MakeSnapshots(id);
            var half = story.TakeWhile(stored => stored.RecordedAt < story[story.Count / 2].RecordedAt).ToList();

            await log.Tell(half);
            var first = half.Count == 0 ? 0 : await travel.MakeSnapshots(id);
            await log.Append([.. story.Skip(half.Count)]);
            var second = await travel.MakeSnapshots(id);

            (first + second).ShouldBe(atOnce);
            (await travel.MakeSnapshots(id)).ShouldBe(0);
        }),
        tests: 3);

    [Fact]
    public async Task a_fill_that_was_the_latest_fact_when_it_was_busted_never_was()
    {
        var story = StoredHistory.Of(new Scenario(LotMethod.FIFO, false, false,
        [
            new Step(StepKind.Place, "ORCL", OrderSide.BUY, 3, 10, 0),
            new Step(StepKind.Execute, "ORCL", OrderSide.BUY, 3, 10, 0),
            new Step(StepKind.Bust, "ORCL", OrderSide.BUY, 3, 10, 0),
        ]).Run());
        await log.Tell(story);
        var travel = new Travel(log.Source, 6);
        (await travel.MakeSnapshots(story[0].Data.PortfolioId)).ShouldBe(1);

        var past = await travel.Read(
            story[0].Data.PortfolioId, new Moment { Effective = story[^1].RecordedAt.AddDays(1) });

        past!.State.Cash.ShouldBe(50_000);
        past.State.Holdings.Values.Sum(holding => holding.Quantity).ShouldBe(0);
    }

    // What is known at several moments about several moments: all that occurred, before it, and between.
    private static async Task<List<string>> Answers(Travel travel, int id, IReadOnlyList<StoredEvent> story)
    {
        var answers = new List<string>();
        foreach (var known in new[] { story.Count / 3, story.Count / 2, story.Count })
        {
            var moments = story.Select(stored => stored.Data.OccurredAt).Distinct().Order();
            foreach (var effective in moments.Where((_, i) => i % 4 == 0))
            {
                var past = await travel.Read(id, new Moment { Sequence = Math.Max(known, 1), Effective = effective });
                answers.Add(Told(past!));
            }
        }
        return answers;
    }

    private static string Told(Past past) => string.Join(
        "; ",
        past.State.Holdings.Values.OrderBy(h => h.Symbol, StringComparer.Ordinal)
            .Select(h => $"{h.Symbol} {h.Quantity} {h.CostBasis} {h.RealizedPnl} [{string.Join(", ", h.Lots)}]")
            .Prepend($"{past.Version} {past.State.Cash} {past.State.RealizedPnl} {past.State.InitialCapital}"));

    private static Portfolio WithoutEnded(Portfolio state) =>
        state.Orders.Values.Where(order => !order.IsWorking).Aggregate(state, (p, order) => p.Forget(order.OrderId));

    // But for the order of what has none.
    private static string Text(Portfolio state)
    {
        using var json = JsonDocument.Parse(StateJson.Write(state));
        return Sorted(json.RootElement);
    }

    private static string Sorted(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => string.Join(
            ",",
            element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal)
                .Select(p => $"{p.Name}:({Sorted(p.Value)})")),
        JsonValueKind.Array => $"[{string.Join(",", element.EnumerateArray().Select(Sorted))}]",
        _ => element.GetRawText(),
    };

    private static void Run(Func<Task> test) => test().GetAwaiter().GetResult();
}
