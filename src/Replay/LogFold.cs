using System.Threading.Channels;
using Bifrost.Domain;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Bifrost.Projections;
using Npgsql;

namespace Bifrost.Replay;

/// <summary>A portfolio whose history cannot be folded, from where on, and why.</summary>
public sealed record StoppedPortfolio(int PortfolioId, long Sequence, string Reason);

/// <summary>
/// Folds the whole log in commit order, with the code that wrote the live tables. Memory grows with what the portfolios
/// have open, not with the log, as long as <see cref="Changes"/> is drained.
/// </summary>
public sealed class LogFold(NpgsqlDataSource database)
{
    // Some hundred events each; enough that reading and folding seldom wait for each other.
    private const int BatchesAhead = 16;

    private readonly Dictionary<int, Portfolio> portfolios = [];
    private readonly Dictionary<int, StoppedPortfolio> stopped = [];
    private readonly EventLog log = new(database);

    /// <summary>The rows that were changed since they were last taken from here.</summary>
    public RowChanges Changes { get; } = new();

    public IReadOnlyDictionary<int, Portfolio> Portfolios => portfolios;

    /// <summary>Portfolios whose history cannot be folded; what follows of it was passed over.</summary>
    public IReadOnlyDictionary<int, StoppedPortfolio> Stopped => stopped;

    /// <summary>The last one that was folded.</summary>
    public long Sequence { get; private set; }

    public long Events { get; private set; }

    /// <summary>Folds what follows, through a sequence.</summary>
    /// <param name="afterBatch">Called from time to time, for the caller to drain <see cref="Changes"/>.</param>
    public async Task Run(long through, Func<Task> afterBatch, CancellationToken cancel = default)
    {
        // Events are read and parsed beside the fold: on two cores that is nearly twice as fast.
        var batches = Channel.CreateBounded<List<LoggedEvent>>(BatchesAhead);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = Task.Run(() => Read(through, batches.Writer, ended.Token), CancellationToken.None);
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(cancel))
            {
                foreach (var logged in batch)
                    await Fold(logged);
                Events += batch.Count;
                await afterBatch();
            }
        }
        finally
        {
            await ended.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await reading;
        Sequence = Math.Max(Sequence, through);
    }

    /// <summary>Folds what a portfolio's own history has beyond what was folded of it.</summary>
    public async Task Run(int portfolioId, CancellationToken cancel = default)
    {
        var (known, read) = (portfolios.GetValueOrDefault(portfolioId)?.Version ?? 0, 0L);
        try
        {
            await foreach (var stored in log.ReadPortfolio(portfolioId, known, cancel: cancel))
            {
                read = stored.Sequence;
                await Fold(new LoggedEvent(read, stored.Version, stored.RecordedAt, stored.Data, null));
                Events++;
            }
        }
        catch (EventReadException e)
        {
            Stop(portfolioId, read + 1, e.Message);
        }
    }

    /// <summary>Says that a portfolio's history is not what it claims to be.</summary>
    public void Stop(int portfolioId, long sequence, string reason) =>
        stopped.TryAdd(portfolioId, new StoppedPortfolio(portfolioId, sequence, reason));

    private async Task Read(long through, ChannelWriter<List<LoggedEvent>> batches, CancellationToken cancel)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancel);
            await foreach (var batch in EventLog.Replay(connection, Sequence, through, cancel))
                await batches.WriteAsync(batch, cancel);
        }
        finally
        {
            batches.TryComplete();
        }
    }

    private async ValueTask Fold(LoggedEvent logged)
    {
        if (logged.Data is not { } happened)
        {
            Stop(await PortfolioOf(logged.Sequence), logged.Sequence, logged.Problem!.Message);
            return;
        }
        var id = happened.PortfolioId;
        if (stopped.Count > 0 && stopped.ContainsKey(id))
            return;
        try
        {
            var before = portfolios.GetValueOrDefault(id);
            if (PortfolioHistory.NeedsOrderOf(before, happened))
                before = await new PortfolioHistory(log, id).WithOrderOf(before, happened, logged.StreamVersion);
            portfolios[id] = PortfolioHistory.WithoutEnded(Changes.Fold(before, logged.Recorded), happened);
        }
        catch (Exception e) when (e is not (NpgsqlException or OperationCanceledException))
        {
            // Whatever a fold fails with is its event's doing; what follows of this portfolio cannot be folded.
            Stop(id, logged.Sequence, e.Message);
        }
    }

    // Seldom asked for: there is no index that serves it.
    private async Task<int> PortfolioOf(long sequence)
    {
        await using var command = database.CreateCommand(
            "SELECT coalesce((SELECT portfolio_id FROM ledger.portfolio_event WHERE seq_id = $1), 0)");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = sequence });
        return (int)(await command.ExecuteScalarAsync())!;
    }
}
