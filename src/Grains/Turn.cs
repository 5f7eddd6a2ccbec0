using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Bifrost.Projections;
using Bifrost.Replay;

namespace Bifrost.Grains;

/// <summary>A command that waits for its answer.</summary>
internal sealed class PendingCommand(CommandRequest request)
{
    // The writer goes on by itself, and does not write the answers of its callers.
    private readonly TaskCompletionSource<Answer> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CommandRequest Request { get; } = request;

    /// <inheritdoc cref="CommandRequest.MayBeRepeat"/>
    public bool MayBeRepeat { get; set; } = request.MayBeRepeat;

    public ValueTask<Answer> Answered => new(done.Task);

    public void Answer(Answer answer) => done.TrySetResult(answer);

    public void Fail(Exception failure) => done.TrySetException(failure);
}

/// <summary>What became of a turn.</summary>
internal abstract record Outcome
{
    /// <summary>It is durable.</summary>
    /// <param name="Sequences">Of its events, in their order.</param>
    internal sealed record Committed(IReadOnlyList<long> Sequences) : Outcome;

    /// <summary>It was decided on an old state, or holds a command that had been applied.</summary>
    internal sealed record Conflicted : Outcome;

    /// <summary>It holds a command that the database refuses, which of them is not known.</summary>
    internal sealed record Refused : Outcome;

    /// <summary>Its one recorded command was refused by a constraint that it can be told of.</summary>
    internal sealed record Rejected(Rejection Rejection) : Outcome;

    /// <summary>It failed for good.</summary>
    internal sealed record Failed(Exception Failure) : Outcome;
}

/// <summary>What was read for a command, where it needs it.</summary>
internal readonly record struct Histories(HoldingHistory? Holding, FundingHistory? Funding);

/// <summary>A decided command: its answer, but for the sequence, which the commit gives.</summary>
internal sealed record Decided(PendingCommand Pending, long Version, Effect Effect, Rejection? Rejection);

/// <summary>Commands of one portfolio that are decided one after another and committed together.</summary>
/// <param name="headHash">The hash that the next event follows; null where events are not sealed.</param>
internal sealed class Turn(
    int portfolioId, Portfolio? state, DateTimeOffset recordedAt, GrainContext context, byte[]? headHash)
{
    private readonly long versionBefore = state?.Version ?? 0;

    // The portfolio goes on by itself, so that a lane does not wait for what it reads.
    private readonly TaskCompletionSource<Outcome> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int PortfolioId => portfolioId;

    public Task<Outcome> Outcome => done.Task;

    public DateTimeOffset RecordedAt => recordedAt;

    /// <summary>The portfolio as it will be once this is committed.</summary>
    public Portfolio? State { get; private set; } = state;

    public List<NewEvent> Events { get; } = [];

    /// <summary>The hash of the last event so far.</summary>
    public byte[]? HeadHash => Events is [.., var last] ? last.Hash : headHash;

    public RowChanges Changes { get; } = new();

    /// <summary>Commands whose events are in this turn, in their order.</summary>
    public List<Decided> Recorded { get; } = [];

    /// <summary>
    /// Commands that put nothing on the record: they took effect before, or were refused for their state.
    /// </summary>
    public List<Decided> Unrecorded { get; } = [];

    public void Became(Outcome outcome) => done.TrySetResult(outcome);

    public IEnumerable<PendingCommand> Commands => Recorded.Concat(Unrecorded).Select(decided => decided.Pending);

    /// <summary>Whether a command is about what is not in memory.</summary>
    public bool NeedsHistory(Command command) =>
        State is not null
        && (command is OrderCommand c && !State.Orders.ContainsKey(c.OrderId)
            || command is AmendFunding
            || PortfolioDecisions.NeedsHistoryOf(State, command, recordedAt) is not null);

    /// <summary>
    /// Reads what a command is about: an order that has ended and left memory, and the history of a holding or of the
    /// funding.
    /// </summary>
    public async Task<Histories> ReadHistory(PortfolioHistory history, Command command)
    {
        if (command is OrderCommand { OrderId: var orderId } && !State!.Orders.ContainsKey(orderId))
            State = await history.ReadOrder(orderId) is { } order ? State.Remember(order) : State;
        return new Histories(
            PortfolioDecisions.NeedsHistoryOf(State!, command, recordedAt) is { } symbol
                ? await history.ReadHolding(symbol)
                : null,
            command is AmendFunding ? await history.ReadFunding() : null);
    }

    /// <param name="histories">For the commands that need them.</param>
    public void Decide(PendingCommand pending, Histories histories)
    {
        var (command, history) = (pending.Request.Command, histories.Holding);
        var around = new Surroundings(recordedAt, context.Ids.Next)
        {
            History = history, Funding = histories.Funding, Instruments = context.Instruments,
            Rates = context.Rates,
        };
        var (events, effect, rejection) = Refused(pending.Request) is { } refused
            ? ([], Effect.None, refused)
            : PortfolioDecisions.Decide(State, command, around) switch
            {
                Decision.Accepted accepted => (accepted.Events, accepted.Effect, null),
                Decision.Rejected rejected => (rejected.OnRecord, rejected.Effect, rejected.Rejection),
                var other => throw new InvalidOperationException($"{other} is not a decision."),
            };
        var identity = pending.Request.Identity;
        var origin = new Origin(identity.Actor, identity.Keys[0].Value, identity.CorrelationId);
        foreach (var happened in events)
            Append(happened, history, origin);
        (events.IsEmpty ? Unrecorded : Recorded).Add(new Decided(pending, State?.Version ?? 0, effect, rejection));
    }

    private Rejection? Refused(CommandRequest request) =>
        request.ExpectedVersion is { } expected && State is not null && expected != State.Version
            ? new Rejection(
                RejectionCode.VersionMismatch,
                $"The portfolio is at version {State.Version}, not {expected}: read it again.")
            : null;

    private void Append(LedgerEvent happened, HoldingHistory? history, Origin origin)
    {
        var streamVersion = State?.VersionOf(happened) ?? VersionInHistory(happened, history);
        State = Changes.Fold(State, new Recorded(happened, recordedAt));
        var place = new EventOrder(streamVersion + 1, State.Version);
        Events.Add(new NewEvent(happened, recordedAt, place, origin, HeadHash));
    }

    // A restated round trip may have ended long ago; how long its stream is came with the history.
    private static long VersionInHistory(LedgerEvent happened, HoldingHistory? history) =>
        happened is Domain.Trades.TradeEvent e && history is not null
            ? history.TradeVersions.GetValueOrDefault(e.TradeId)
            : 0;

    /// <param name="sequences">Of the events, in their order; empty where there are none.</param>
    /// <param name="lastSequence">Of the portfolio's latest event before this turn.</param>
    public long SequenceAt(long version, IReadOnlyList<long> sequences, long lastSequence) =>
        version > versionBefore ? sequences[(int)(version - versionBefore - 1)] : lastSequence;
}
