using Bifrost.Domain;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using System.Diagnostics;
using Bifrost.EventStore;
using Bifrost.Replay;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Grains;

/// <summary>
/// Decides the commands of one portfolio, one after another, and has them committed; they come from any thread.
/// </summary>
/// <remarks>
/// Commands wait in its mailbox and are decided against the state in memory. While a turn is being committed the next
/// commands gather, so a busy portfolio commits many at a time. The state is a device for speed; the database decides
/// who may write: Orleans may hold two activations of one portfolio for a moment, and a turn that was decided on an old
/// state fails there, the writer reads what it missed, and decides again. One task works at a time, whoever began it;
/// only what has arrived is shared with those who bring it.
/// </remarks>
internal sealed class PortfolioWriter
{
    // A turn's commands wait for each other; more than this gains nothing, for a commit costs little beside them.
    private const int LargestTurn = 1024;

    // After a repeat was found, more are likely (a file sent again): so many turns look for receipts first.
    private const int WatchfulTurns = 64;

    // A conflict comes from an event or a receipt that the grain then finds. Where it finds neither so often, the log
    // has what the portfolio's history does not have, and trying again would never end.
    private const int MostFruitless = 3;

    private readonly GrainContext context;
    private readonly int portfolioId;
    private readonly PortfolioHistory history;
    private readonly Arrivals arrivals = new();
    private readonly LinkedList<PendingCommand> mailbox = new();
    private Portfolio? state;
    private bool isLoaded;
    private ChainHead head = ChainHead.Beginning;
    private int watchful;
    private bool oneByOne;
    private int fruitless;
    private bool isRefused;

    public PortfolioWriter(GrainContext context, int portfolioId)
    {
        (this.context, this.portfolioId) = (context, portfolioId);
        history = new PortfolioHistory(context.Log, portfolioId);
    }

    /// <summary>Decides a command after those that came before it, and answers once it is durable.</summary>
    /// <returns>Null where the writer is closed, and another has to be asked for.</returns>
    public Task<Answer>? TryExecute(CommandRequest request)
    {
        var pending = new PendingCommand(request);
        if (!arrivals.TryAdd(pending, out var isTended))
            return null;
        // Not on a scheduler of Orleans', where each step would queue behind the calls of the grain.
        if (!isTended)
            _ = TaskScheduler.Current == TaskScheduler.Default ? Work() : Task.Run(Work);
        return Measured(pending);
    }

    /// <summary>Takes nothing more, and waits until whoever was taken is answered.</summary>
    public Task Close() => arrivals.Close();

    // Whichever way it came, and traced under what its caller was doing.
    private async Task<Answer> Measured(PendingCommand pending)
    {
        using var activity = Telemetry.Source.StartActivity("ledger.command");
        activity?.SetTag("bifrost.portfolio", portfolioId);
        var since = Stopwatch.GetTimestamp();
        var answer = await pending.Answered;
        Telemetry.CommandTime.Record(Stopwatch.GetElapsedTime(since).TotalSeconds);
        return answer;
    }

    private async Task Work()
    {
        while (arrivals.MoveTo(mailbox))
        {
            try
            {
                await CatchUp();
                await AnswerRepeats();
                var turn = await TakeTurn();
                if (turn.Events.Count > 0)
                    await Settle(turn, await context.Commits.Commit(turn));
                else
                    await AnswerUnrecorded(turn, isFenced: false);
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
            {
                context.Logger.LogWarning(failure, "Portfolio {PortfolioId} cannot be read", portfolioId);
                FailWaiting(new LedgerUnavailableException(outcomeUnknown: false));
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

    private Task Settle(Turn turn, Outcome outcome) => outcome switch
    {
        Outcome.Committed committed => Committed(turn, committed.Sequences),
        Outcome.Conflicted => Conflicted(turn),
        Outcome.Refused => RetryOneByOne(turn),
        Outcome.Rejected rejected => Rejected(turn, rejected.Rejection),
        Outcome.Failed failed => Failed(turn, failed.Failure),
        _ => throw new InvalidOperationException($"{outcome} is no outcome of a turn."),
    };

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
        try
        {
            await ReadOnce();
        }
        catch (NpgsqlException failure) when (failure is not PostgresException)
        {
            // That a connection is from before an outage is noticed by the first who uses it.
            await ReadOnce();
        }
    }

    private async Task ReadOnce()
    {
        var (next, latest) = await history.ReadOn(state);
        if (latest is not null)
            fruitless = 0;
        head = latest ?? head;
        state = next is null ? null : WithoutEnded(next, next.Orders.Keys);
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
        for (var taken = 0; taken < limit && mailbox.First is { Value: var pending }; taken++)
        {
            var needed = default(Histories);
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
            mailbox.RemoveFirst();
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
                    Fail(pending, Outage.Told(failure));
                oneByOne = true;
                return NewTurn(now);
            }
        }
        return turn;
    }

    private Turn NewTurn(DateTimeOffset now) =>
        new(portfolioId, state, now, context, context.IsSealing ? head.Hash : null);

    private static DateTimeOffset Later(DateTimeOffset now, DateTimeOffset? known) => known > now ? known.Value : now;

    // A key that was used before is answered from its receipt, before anything is decided for it.
    private async Task AnswerRepeats()
    {
        var suspects = mailbox.Where(pending => watchful > 0 || pending.MayBeRepeat).ToList();
        if (suspects.Count == 0)
            return;
        watchful = Math.Max(watchful - 1, 0);
        var receipts = await FindReceipts(suspects);
        foreach (var pending in suspects.Where(pending => TryAnswer(pending, receipts)))
            mailbox.Remove(pending);
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
            pending.Answer(IsSame(receipt, pending.Request)
                ? receipt.Answer
                : new Answer(portfolioId, state?.Version ?? 0, head.Sequence, Effect.None, Receipts.Reused(key)));
            return true;
        }
        return false;
    }

    // A fill may come by two roads, and one of them names no order; two orders that are named are two fills.
    private static bool IsSame(Receipt receipt, CommandRequest request) =>
        receipt.Fingerprint.AsSpan().SequenceEqual(request.Identity.Fingerprint)
        && (request.Command is not ExecuteOrder { OrderId: var orderId }
            || (receipt.Answer.Effect.OrderId ?? orderId) == orderId);

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
                Fail(decided.Pending, Outage.Told(failure));
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

    private async Task Committed(Turn turn, IReadOnlyList<long> sequences)
    {
        var before = head.Sequence;
        (head, fruitless) = (new ChainHead(sequences[^1], turn.HeadHash!), 0);
        if (isRefused)
            context.StoppedPortfolios.TryRemove(portfolioId, out _);
        isRefused = false;
        state = WithoutEnded(turn.State!, turn.Changes.Orders.Rows.Select(row => row.Key));
        context.Published(portfolioId, state);
        foreach (var decided in turn.Recorded)
            Answer(decided, turn.SequenceAt(decided.Version, sequences, before));
        await AnswerUnrecorded(turn, isFenced: true);
    }

    // It reads what it missed and decides again.
    private Task Conflicted(Turn turn)
    {
        isLoaded = false;
        fruitless++;
        foreach (var pending in turn.Commands)
            pending.MayBeRepeat = true;
        Requeue(turn.Commands);
        return Task.CompletedTask;
    }

    private Task RetryOneByOne(Turn turn)
    {
        oneByOne = turn.Commands.Skip(1).Any();
        Requeue(turn.Commands);
        return Task.CompletedTask;
    }

    // It is told, if it is not the repeat of a command that was accepted. What the turn held beside it was decided on a
    // state that has not come about.
    private async Task Rejected(Turn turn, Rejection rejection)
    {
        var refused = turn.Recorded.Single().Pending;
        try
        {
            if (!TryAnswer(refused, await FindReceipts([refused])))
                refused.Answer(new Answer(portfolioId, state?.Version ?? 0, head.Sequence, Effect.None, rejection));
        }
        catch (NpgsqlException failure)
        {
            context.Logger.LogWarning(failure, "Portfolio {PortfolioId}: receipts cannot be read", portfolioId);
            Fail(refused, new LedgerUnavailableException(outcomeUnknown: false));
        }
        Requeue(turn.Unrecorded.Select(decided => decided.Pending));
    }

    // What is in the log is read anew.
    private Task Failed(Turn turn, Exception failure)
    {
        isLoaded = false;
        foreach (var pending in turn.Commands)
            Fail(pending, failure);
        return Task.CompletedTask;
    }

    private void Answer(Decided decided, long sequence) => decided.Pending.Answer(
        new Answer(portfolioId, decided.Version, sequence, decided.Effect, decided.Rejection));

    // Orders that have ended leave memory; the directory knows where the others are.
    private Portfolio WithoutEnded(Portfolio next, IEnumerable<int> touched)
    {
        foreach (var orderId in touched)
        {
            if (next.Orders.TryGetValue(orderId, out var order) && order.IsWorking)
            {
                context.OrderHomes.TryAdd(orderId, new OrderHome(portfolioId, order.Symbol, order.Side));
                continue;
            }
            context.OrderHomes.TryRemove(orderId, out _);
            next = next.Forget(orderId);
        }
        return next;
    }

    private void Fail(PendingCommand pending, Exception failure)
    {
        if (failure is not (LedgerUnavailableException or PortfolioStoppedException))
        {
            // What it is made of may mean nothing to the node that asked.
            context.Logger.LogError(failure, "Portfolio {PortfolioId}: a command failed", portfolioId);
            failure = new PortfolioFaultException(
                $"Portfolio {portfolioId}: the command failed, its node's log says why.");
        }
        pending.Fail(failure);
    }

    private void FailWaiting(Exception failure)
    {
        (isLoaded, fruitless) = (false, 0);
        PendingCommand[] waiting = [.. mailbox];
        mailbox.Clear();
        foreach (var pending in waiting)
            Fail(pending, failure);
    }

    private void Requeue(IEnumerable<PendingCommand> commands)
    {
        foreach (var pending in commands.Reverse())
            mailbox.AddFirst(pending);
    }
}
