using Bifrost.Domain;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Bifrost.Replay;
using Bifrost.Replay.TimeTravel;
using Npgsql;

namespace Bifrost.Grains;

/// <summary>
/// The writer of one portfolio: commands wait in its mailbox and are decided one after another against the state in
/// memory. While a turn is being committed the next commands gather, so a busy portfolio commits many at a time.
/// </summary>
/// <remarks>
/// The state is a device for speed; the database decides who may write. A turn that was decided on an old state fails
/// there, the grain reads what it missed, and decides again.
/// </remarks>
internal sealed class PortfolioGrain(int portfolioId, GrainContext context)
{
    // A turn's commands wait for each other; more than this gains nothing, for a commit costs little beside them.
    private const int LargestTurn = 1024;

    // After a repeat was found, more are likely (a file sent again): so many turns look for receipts first.
    private const int WatchfulTurns = 64;

    // A conflict comes from an event or a receipt that the grain then finds. Where it finds neither so often, the log
    // has what the portfolio's history does not have, and trying again would never end.
    private const int MostFruitless = 3;

    private readonly PortfolioHistory history = new(context.Log, portfolioId);
    private readonly LinkedList<PendingCommand> mailbox = new();
    private readonly Lock gate = new();
    private bool isBusy;
    private bool isRetired;
    private Portfolio? state;
    private bool isLoaded;
    private ChainHead head = ChainHead.Beginning;
    private int watchful;
    private bool oneByOne;
    private int fruitless;
    private bool isRefused;

    public int PortfolioId => portfolioId;

    public DateTimeOffset LastUsed { get; private set; }

    /// <returns>False where the grain was put away meanwhile: ask for a new one.</returns>
    public bool TryEnqueue(PendingCommand pending)
    {
        lock (gate)
        {
            if (isRetired)
                return false;
            mailbox.AddLast(pending);
            if (isBusy)
                return true;
            isBusy = true;
        }
        _ = Work();
        return true;
    }

    /// <summary>
    /// Puts the grain away where nobody waits for it and nobody used it since <paramref name="before"/>.
    /// </summary>
    public bool TryRetire(DateTimeOffset before)
    {
        lock (gate)
            return isRetired = !isBusy && LastUsed < before;
    }

    /// <summary>The committed state, at least as new as <paramref name="version"/>.</summary>
    public async Task<Portfolio?> Read(long version)
    {
        // A reference that is read without the mailbox: a value of some moment, which is all that a reader can have.
        if (state is { } known && known.Version >= version)
            return known;
        return (await new Travel(context.Database).Read(portfolioId, Moment.Now))?.State;
    }

    // Runs until a turn is handed over for commit, whose end calls it again, or nobody waits.
    private async Task Work()
    {
        while (true)
        {
            lock (gate)
            {
                LastUsed = context.Clock.GetUtcNow();
                if (mailbox.Count == 0)
                {
                    isBusy = false;
                    return;
                }
            }
            try
            {
                await CatchUp();
                await AnswerRepeats();
                var turn = await TakeTurn();
                if (turn.Events.Count > 0)
                {
                    context.Commits.Submit(turn);
                    return;
                }
                await AnswerUnrecorded(turn, isFenced: false);
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
            {
                FailWaiting(new LedgerUnavailableException(outcomeUnknown: false, failure));
            }
            catch (Exception failure) when (failure is InvalidHistoryException or EventReadException)
            {
                context.Stopped(portfolioId, failure);
                FailWaiting(new PortfolioStoppedException(portfolioId, failure));
            }
            catch (Exception failure)
            {
                // A bug. Each waiting command learns of it, and the state is read anew.
                FailWaiting(failure);
            }
        }
    }

    private async Task CatchUp()
    {
        if (isLoaded)
            return;
        await context.HistoryReads.WaitAsync();
        try
        {
            await ReadOn();
        }
        finally
        {
            context.HistoryReads.Release();
        }
    }

    private async Task ReadOn()
    {
        var (next, latest) = await history.ReadOn(state);
        if (latest is not null)
            fruitless = 0;
        head = latest ?? head;
        state = next is null ? null : Settle(next, next.Orders.Keys);
        isLoaded = true;
        isRefused |= fruitless >= MostFruitless;
        if (fruitless >= MostFruitless)
            throw history.Uncounted();
        // Where its events were refused, only the next that is not shows that the cause is gone.
        if (!isRefused)
            context.StoppedPortfolios.TryRemove(portfolioId, out _);
    }

    private async Task<Turn> TakeTurn()
    {
        // Within a portfolio the recorded time never goes back, even where the machine's clock does.
        var now = Later(Clocks.Microseconds(context.Clock.GetUtcNow()), state?.UpdatedAt);
        var turn = NewTurn(now);
        var limit = oneByOne ? 1 : LargestTurn;
        oneByOne = false;
        for (var taken = 0; taken < limit && Peek() is { } pending; taken++)
        {
            var needed = (HoldingHistory?)null;
            if (turn.NeedsHistory(pending.Request.Command))
            {
                // History is read from the log, so what this turn decided must be there first; and should the read
                // fail, nobody else's command is lost with it.
                if (turn.Commands.Any())
                    break;
                needed = await turn.ReadHistory(history, pending.Request.Command);
                // Nor may it be newer than the state: then another process wrote, and this one reads on first.
                if (await context.Log.ReadVersion(portfolioId) != turn.State!.Version)
                {
                    (isLoaded, fruitless) = (false, fruitless + 1);
                    return NewTurn(now);
                }
            }
            Dequeue();
            try
            {
                turn.Decide(pending, needed);
            }
            catch (Exception failure)
            {
                // Half a command may be in the turn by now, so the turn is given up. Others that were in it are decided
                // again, each by itself.
                if (turn.Commands.Any())
                    Requeue(turn.Commands.Append(pending));
                else
                    pending.Fail(Outage.Told(failure));
                oneByOne = true;
                return NewTurn(now);
            }
        }
        return turn;
    }

    private Turn NewTurn(DateTimeOffset now) =>
        new(this, state, now, context.Ids.Next, context.IsSealing ? head.Hash : null);

    private static DateTimeOffset Later(DateTimeOffset now, DateTimeOffset? known) => known > now ? known.Value : now;

    // A key that was used before is answered from its receipt, before anything is decided for it.
    private async Task AnswerRepeats()
    {
        List<PendingCommand> suspects;
        lock (gate)
            suspects = [.. mailbox.Where(pending => watchful > 0 || pending.MayBeRepeat)];
        if (suspects.Count == 0)
            return;
        watchful = Math.Max(watchful - 1, 0);
        var receipts = await FindReceipts(suspects);
        foreach (var pending in suspects.Where(pending => TryAnswer(pending, receipts)))
        {
            lock (gate)
                mailbox.Remove(pending);
        }
    }

    private Task<Dictionary<string, Receipt>> FindReceipts(IEnumerable<PendingCommand> commands) =>
        Receipts.Find(context.Database, commands.SelectMany(c => c.Request.Identity.Keys).Select(key => key.Value));

    private bool TryAnswer(PendingCommand pending, Dictionary<string, Receipt> receipts)
    {
        var identity = pending.Request.Identity;
        foreach (var key in identity.Keys)
        {
            if (!receipts.TryGetValue(key.Value, out var receipt))
                continue;
            (watchful, fruitless) = (WatchfulTurns, 0);
            pending.Answer(receipt.Fingerprint.AsSpan().SequenceEqual(identity.Fingerprint)
                ? receipt.Answer
                : new Answer(portfolioId, state?.Version ?? 0, head.Sequence, Effect.None, Receipts.Reused(key)));
            return true;
        }
        return false;
    }

    // What is not recorded meets no fence, so its answer is checked against the log: the state may be old, and an equal
    // command may have been recorded by another process.
    private async Task AnswerUnrecorded(Turn turn, bool isFenced)
    {
        if (turn.Unrecorded.Count == 0)
            return;
        try
        {
            await Confirm(turn, isFenced);
        }
        catch (Exception failure)
        {
            // They have left the mailbox, so they are told here or never.
            foreach (var decided in turn.Unrecorded)
                decided.Pending.Fail(Outage.Told(failure));
        }
    }

    private async Task Confirm(Turn turn, bool isFenced)
    {
        if (!isFenced && await context.Log.ReadVersion(portfolioId) != (state?.Version ?? 0))
        {
            isLoaded = false;
            Requeue(turn.Commands);
            return;
        }
        var receipts = await FindReceipts(turn.Unrecorded.Select(decided => decided.Pending));
        foreach (var decided in turn.Unrecorded.Where(decided => !TryAnswer(decided.Pending, receipts)))
            Answer(decided, head.Sequence);
    }

    /// <summary>The turn is durable: its callers are answered, and the next turn begins.</summary>
    public async Task Committed(Turn turn, IReadOnlyList<long> sequences)
    {
        var before = head.Sequence;
        (head, fruitless) = (new ChainHead(sequences[^1], turn.HeadHash!), 0);
        if (isRefused)
            context.StoppedPortfolios.TryRemove(portfolioId, out _);
        isRefused = false;
        state = Settle(turn.State!, turn.Changes.Orders.Rows.Select(row => row.Key));
        foreach (var decided in turn.Recorded)
            Answer(decided, turn.SequenceAt(decided.Version, sequences, before));
        await AnswerUnrecorded(turn, isFenced: true);
        await Work();
    }

    /// <summary>
    /// The turn was not committed: it was decided on an old state, or holds a command that had been applied. The grain
    /// reads what it missed and decides again.
    /// </summary>
    public Task Conflicted(Turn turn)
    {
        isLoaded = false;
        fruitless++;
        foreach (var pending in turn.Commands)
            pending.MayBeRepeat = true;
        Requeue(turn.Commands);
        return Work();
    }

    /// <summary>The turn holds a command that the database refuses: each is tried by itself.</summary>
    public Task RetryOneByOne(Turn turn)
    {
        oneByOne = turn.Commands.Skip(1).Any();
        Requeue(turn.Commands);
        return Work();
    }

    /// <summary>
    /// The one recorded command of the turn was refused by a constraint that it can be told of, if it is not the repeat
    /// of one that was accepted. What the turn held beside it was decided on a state that has not come about.
    /// </summary>
    public async Task Rejected(Turn turn, Rejection rejection)
    {
        var refused = turn.Recorded.Single().Pending;
        try
        {
            if (!TryAnswer(refused, await FindReceipts([refused])))
                refused.Answer(new Answer(portfolioId, state?.Version ?? 0, head.Sequence, Effect.None, rejection));
        }
        catch (NpgsqlException failure)
        {
            refused.Fail(new LedgerUnavailableException(outcomeUnknown: false, failure));
        }
        Requeue(turn.Unrecorded.Select(decided => decided.Pending));
        await Work();
    }

    /// <summary>The turn failed for good; what is in the log is read anew.</summary>
    public Task Failed(Turn turn, Exception failure)
    {
        isLoaded = false;
        foreach (var pending in turn.Commands)
            pending.Fail(failure);
        return Work();
    }

    private void Answer(Decided decided, long sequence) => decided.Pending.Answer(
        new Answer(portfolioId, decided.Version, sequence, decided.Effect, decided.Rejection));

    // Orders that have ended leave memory; the directory knows where the others are.
    private Portfolio Settle(Portfolio next, IEnumerable<int> touched)
    {
        foreach (var orderId in touched)
        {
            if (next.Orders.TryGetValue(orderId, out var order) && order.IsWorking)
            {
                context.OrderHomes.TryAdd(orderId, portfolioId);
                continue;
            }
            context.OrderHomes.TryRemove(orderId, out _);
            next = next.Forget(orderId);
        }
        return next;
    }

    private void FailWaiting(Exception failure)
    {
        (isLoaded, fruitless) = (false, 0);
        List<PendingCommand> waiting;
        lock (gate)
        {
            waiting = [.. mailbox];
            mailbox.Clear();
        }
        foreach (var pending in waiting)
            pending.Fail(failure);
    }

    private PendingCommand? Peek()
    {
        lock (gate)
            return mailbox.First?.Value;
    }

    private void Dequeue()
    {
        lock (gate)
            mailbox.RemoveFirst();
    }

    private void Requeue(IEnumerable<PendingCommand> commands)
    {
        lock (gate)
        {
            foreach (var pending in commands.Reverse())
                mailbox.AddFirst(pending);
        }
    }
}
