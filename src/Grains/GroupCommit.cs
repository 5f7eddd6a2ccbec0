using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Bifrost.Domain;
using Bifrost.EventStore;
using Bifrost.Projections;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Grains;

/// <summary>
/// Commits the turns of many portfolios in one transaction, which is one round trip and one flush to disk. Under load
/// the turns that gather while a transaction is under way are the next one, so batches grow with demand by themselves.
/// </summary>
/// <remarks>
/// Two lanes overlap: while one waits for its flush the other one's statements run. Only the append to the log is
/// exclusive, which keeps sequences in commit order (<see cref="AppendEvents"/>).
/// </remarks>
internal sealed class GroupCommit : IAsyncDisposable
{
    internal const int Lanes = 2;

    // Bounds memory and how long one transaction holds the log; reached under a load that no caller notices it under.
    private const int LargestBatchEvents = 8192;

    private const string UniqueName = "portfolio_user_id_name_key";

    private readonly NpgsqlDataSource writer;
    private readonly ILogger logger;
    private readonly TimeSpan patience;
    // How long followers are not woken after the server had no room for it.
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Channel<Turn> turns = Channel.CreateUnbounded<Turn>();
    private readonly ConcurrentDictionary<string, byte> knownSymbols = new();
    private readonly Task[] lanes;
    private long quietSince;

    public CommitProgress Progress { get; } = new(Lanes);

    /// <inheritdoc cref="Ledger.Committed"/>
    public event Action<long>? Committed;

    /// <param name="writer">Its own from here on.</param>
    /// <param name="patience">How long an unreachable database is tried again before callers are told.</param>
    public GroupCommit(NpgsqlDataSource writer, ILogger logger, TimeSpan patience)
    {
        (this.writer, this.logger, this.patience) = (writer, logger, patience);
        lanes = [.. Enumerable.Range(0, Lanes).Select(lane => Task.Run(() => Run(lane)))];
    }

    public Task<Outcome> Commit(Turn turn)
    {
        if (!turns.Writer.TryWrite(turn))
            turn.Became(new Outcome.Failed(new LedgerUnavailableException(outcomeUnknown: false)));
        return turn.Outcome;
    }

    /// <summary>Takes no more turns and waits for those under way.</summary>
    public async ValueTask DisposeAsync()
    {
        turns.Writer.TryComplete();
        await Task.WhenAll(lanes);
        await writer.DisposeAsync();
    }

    private async Task Run(int lane)
    {
        var batch = new List<Turn>();
        while (await turns.Reader.WaitToReadAsync())
        {
            batch.Clear();
            for (var events = 0; events < LargestBatchEvents && turns.Reader.TryRead(out var turn); batch.Add(turn))
                events += turn.Events.Count;
            if (batch.Count > 0)
                await Commit(batch, Progress.Begun(lane));
            Progress.Ended(lane);
        }
    }

    private async Task Commit(List<Turn> batch, long since)
    {
        while (true)
        {
            var wakes = MayWake;
            try
            {
                Complete(batch, await Execute(batch, wakes));
                Progress.Succeeded();
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ProgramLimitExceeded && wakes)
            {
                // The queue of notifications is full, because somebody listens and reads none of them.
                Volatile.Write(ref quietSince, Stopwatch.GetTimestamp());
                logger.LogCritical(e, "Followers are not woken by commits, and find them a second later");
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DeadlockDetected
                or PostgresErrorCodes.SerializationFailure)
            {
                Telemetry.Retries.Add(1);
            }
            catch (PostgresException e) when (!Outage.Is(e))
            {
                await Isolate(batch, e, since);
                return;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
            {
                if (await TryRecover(batch, e, since))
                    return;
            }
            catch (Exception e)
            {
                // A bug. Its commands learn of it, and the lane goes on with those of others.
                logger.LogCritical(e, "A batch of {Turns} portfolios could not be committed", batch.Count);
                Progress.Failed(e);
                foreach (var turn in batch)
                    turn.Became(new Outcome.Failed(e));
                return;
            }
        }
    }

    /// <summary>The whole batch in one transaction, which is one round trip.</summary>
    /// <param name="wakes">Whether followers are told of it.</param>
    private async Task<IReadOnlyList<long>> Execute(List<Turn> batch, bool wakes)
    {
        using var activity = Telemetry.Source.StartActivity("ledger.commit");
        var started = Stopwatch.GetTimestamp();
        var (changes, events) = (new List<RowChanges>(batch.Count), new List<NewEvent>());
        foreach (var turn in batch)
        {
            changes.Add(turn.Changes);
            events.AddRange(turn.Events);
        }
        var append = new AppendEvents(events) { Wakes = wakes };
        await using (var commit = await CommitSession.Open(writer))
        {
            var projections = new WriteProjections(changes, knownSymbols.ContainsKey);
            if (projections.Lock() is { } locked)
                commit.Session.QueueOperation(locked);
            commit.Session.QueueOperation(projections);
            commit.Session.QueueOperation(new WriteReceipts(batch));
            // Last, because it takes the lock that the other lane waits for.
            commit.Session.QueueOperation(append);
            await commit.Commit();
        }
        foreach (var change in changes)
        {
            foreach (var symbol in change.Symbols)
                knownSymbols.TryAdd(symbol, 0);
        }
        Telemetry.Committed(batch, append.Sequences.Count, Stopwatch.GetElapsedTime(started));
        return append.Sequences;
    }

    // Others may fill the queue of notifications, and a commit that has one to send would fail with it.
    private bool MayWake => Volatile.Read(ref quietSince) is var since
        && (since == 0 || Stopwatch.GetElapsedTime(since) > Quiet);

    private void Complete(List<Turn> batch, IReadOnlyList<long> sequences)
    {
        if (sequences is [.., var last])
            Committed?.Invoke(last);
        var done = 0;
        foreach (var turn in batch)
        {
            turn.Became(new Outcome.Committed([.. sequences.Skip(done).Take(turn.Events.Count)]));
            done += turn.Events.Count;
        }
    }

    // One portfolio's conflict must not fail the others: each turn is committed by itself, and the one that fails
    // alone is the one that is told.
    private async Task Isolate(List<Turn> batch, PostgresException failure, long since)
    {
        if (batch.Count > 1)
        {
            foreach (var turn in batch)
                await Commit([turn], since);
            return;
        }
        var only = batch[0];
        switch (failure)
        {
            // Whatever else of it is there already, another writer had the portfolio, or this very turn was committed
            // when its reply was lost: ids are given out once.
            case { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: not UniqueName }:
                Telemetry.Conflicts.Add(1);
                only.Became(new Outcome.Conflicted());
                break;
            case var _ when only.Recorded.Count > 1:
                only.Became(new Outcome.Refused());
                break;
            case { ConstraintName: UniqueName }:
                only.Became(new Outcome.Rejected(new Rejection(
                    RejectionCode.PortfolioNameTaken, "The user has a portfolio of that name already.")));
                break;
            default:
                Progress.Failed(failure);
                logger.LogError(failure, "Portfolio {PortfolioId}: the database refused a command", only.PortfolioId);
                only.Became(new Outcome.Failed(failure));
                break;
        }
    }

    /// <summary>
    /// The reply was lost, so the outcome is unknown. A batch is one transaction: the receipt of its first command says
    /// whether it was committed. If not, it may be sent again; should the lost one still come through, the fence and
    /// the receipts let only one of them in.
    /// </summary>
    /// <returns>False where the batch is to be sent again.</returns>
    private async Task<bool> TryRecover(List<Turn> batch, Exception failure, long since)
    {
        logger.LogWarning(failure, "The database did not confirm a batch of {Turns} portfolios", batch.Count);
        Telemetry.Retries.Add(1);
        for (var wait = TimeSpan.FromMilliseconds(25); ; wait = wait < TimeSpan.FromSeconds(1) ? wait * 2 : wait)
        {
            if (Stopwatch.GetElapsedTime(since) > patience)
            {
                Progress.Failed(failure);
                foreach (var turn in batch)
                    turn.Became(new Outcome.Failed(new LedgerUnavailableException(outcomeUnknown: true)));
                return true;
            }
            await Task.Delay(wait);
            try
            {
                var key = batch[0].Recorded[0].Pending.Request.Identity.Keys[0].Value;
                var found = await Receipts.Find(writer, [key]);
                if (found.Count == 0)
                    return false;
                var sequences = new List<long>();
                foreach (var turn in batch)
                    sequences.AddRange(await Sequences(turn));
                Complete(batch, sequences);
                Progress.Succeeded();
                return true;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
            {
                failure = e;
            }
        }
    }

    private async Task<List<long>> Sequences(Turn turn)
    {
        const string Sql =
            """
            SELECT seq_id FROM ledger.portfolio_event
            WHERE portfolio_id = $1 AND version BETWEEN $2 AND $3 ORDER BY version
            """;
        await using var command = writer.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = turn.PortfolioId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = turn.Events[0].Place.PortfolioVersion });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = turn.Events[^1].Place.PortfolioVersion });
        await using var reader = await command.ExecuteReaderAsync();
        var sequences = new List<long>();
        while (await reader.ReadAsync())
            sequences.Add(reader.GetInt64(0));
        return sequences;
    }
}
