using System.Collections.Immutable;

namespace Bifrost.Domain.Holdings;

/// <summary>What happened to a holding and has to be booked.</summary>
public abstract record HoldingStep
{
    private HoldingStep()
    {
    }

    public abstract DateTimeOffset OccurredAt { get; }

    public sealed record Filled(Fill Fill) : HoldingStep
    {
        public override DateTimeOffset OccurredAt => Fill.OccurredAt;
    }

    public sealed record Pooled(DateTimeOffset At) : HoldingStep
    {
        public override DateTimeOffset OccurredAt => At;
    }

    public sealed record Divided(Split Split) : HoldingStep
    {
        public override DateTimeOffset OccurredAt => Split.EffectiveAt;
    }
}

/// <summary>
/// What a holding's stream says, corrections applied; and how long the streams of its round trips are.
/// </summary>
/// <param name="Steps">In the order in which they were recorded, but for splits; see <see cref="SplitOrder"/>.</param>
public sealed record HoldingHistory(ImmutableArray<HoldingStep> Steps, ImmutableDictionary<int, long> TradeVersions)
{
    /// <summary>
    /// The transactions of the fills that had no order here, by their external ids and by those of their amendments;
    /// those that were busted as well.
    /// </summary>
    public ImmutableDictionary<string, int> Recorded { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <param name="happened">The whole stream of one holding, in order.</param>
    /// <param name="tradeVersions">Events in the stream of each round trip.</param>
    public static HoldingHistory Of(
        IEnumerable<HoldingEvent> happened, ImmutableDictionary<int, long> tradeVersions)
    {
        var steps = new List<HoldingStep>();
        var recorded = ImmutableDictionary.CreateBuilder<string, int>();
        var withoutOrder = new HashSet<int>();
        foreach (var e in happened)
        {
            if (RecordedIn(e, withoutOrder) is var (id, transactionId))
            {
                recorded[id] = transactionId;
                withoutOrder.Add(transactionId);
            }
            switch (e)
            {
                case HoldingRestated restated:
                    Amend(steps, restated.TransactionId, restated.Corrected);
                    Rename(steps, restated.TradeIds);
                    break;
                case HoldingSplit split:
                    Divide(steps, split.ToSplit());
                    Rename(steps, split.TradeIds);
                    break;
                case LotsPooled:
                    steps.Add(new HoldingStep.Pooled(e.OccurredAt));
                    break;
                case HoldingFilled filled:
                    steps.Add(new HoldingStep.Filled(FillOf(filled)));
                    break;
            }
        }
        return new HoldingHistory([.. steps], tradeVersions) { Recorded = recorded.ToImmutable() };
    }

    private static (string Id, int TransactionId)? RecordedIn(
        HoldingEvent happened, HashSet<int> withoutOrder) => happened switch
    {
        HoldingFilled { OrderId: null } e => (e.ExecutionId, e.TransactionId),
        HoldingRestated { IsNew: true, Corrected: { OrderId: null } fill } e => (fill.ExecutionId, e.TransactionId),
        HoldingRestated { CorrectionId: { } id } e when withoutOrder.Contains(e.TransactionId) => (id, e.TransactionId),
        _ => null,
    };

    /// <summary>Whether all of it occurred before a moment.</summary>
    public bool EndsBefore(DateTimeOffset at) => Steps.All(step => step.OccurredAt < at);

    public Fill Fill(int transactionId) => FindFill(transactionId)
        ?? throw new InvalidOperationException($"Transaction {transactionId} is not in the history.");

    /// <summary>A fill as it stands; null where it was busted.</summary>
    public Fill? FindFill(int transactionId) => Steps
        .OfType<HoldingStep.Filled>().FirstOrDefault(step => step.Fill.TransactionId == transactionId)?.Fill;

    /// <summary>The history with a fill under other terms, without it where it has none, or with a new one.</summary>
    public HoldingHistory With(int transactionId, Fill? corrected)
    {
        var steps = Steps.ToList();
        Amend(steps, transactionId, corrected);
        return this with { Steps = [.. steps] };
    }

    public HoldingHistory With(Split split)
    {
        var steps = Steps.ToList();
        Divide(steps, split);
        return this with { Steps = [.. steps] };
    }

    // A fill that went through zero opened a round trip of its own; lots that were named are named again.
    internal static Fill FillOf(HoldingFilled happened) => happened is not LotsMatched e
        ? happened.ToFill()
        : e.ToFill() with { TradeId = e.Opened?.TradeId ?? e.TradeId, Lots = e.Named ?? [] };

    private static void Amend(List<HoldingStep> steps, int transactionId, Fill? corrected)
    {
        var at = steps.FindIndex(step => step is HoldingStep.Filled f && f.Fill.TransactionId == transactionId);
        if (corrected is null)
        {
            steps.RemoveAt(at);
            return;
        }
        if (at < 0)
        {
            SplitOrder.InsertFill(steps, new HoldingStep.Filled(corrected), corrected.OccurredAt, SplitAt);
            return;
        }
        var old = ((HoldingStep.Filled)steps[at]).Fill;
        var fill = corrected with { TradeId = old.TradeId, Lots = old.Lots };
        SplitOrder.ReplaceFill(steps, at, new HoldingStep.Filled(fill), fill.OccurredAt, SplitAt);
    }

    private static void Divide(List<HoldingStep> steps, Split split) =>
        SplitOrder.InsertSplit(steps, new HoldingStep.Divided(split), step => step.OccurredAt);

    private static DateTimeOffset? SplitAt(HoldingStep step) =>
        step is HoldingStep.Divided { Split: var split } ? split.EffectiveAt : null;

    private static void Rename(List<HoldingStep> steps, ImmutableDictionary<int, int>? tradeIds)
    {
        for (var at = 0; tradeIds is not null && at < steps.Count; at++)
        {
            if (steps[at] is HoldingStep.Filled { Fill: var fill }
                && tradeIds.TryGetValue(fill.TransactionId, out var id))
                steps[at] = new HoldingStep.Filled(fill with { TradeId = id });
        }
    }
}
