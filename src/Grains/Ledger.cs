using System.Collections.Concurrent;
using Bifrost.Domain;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Grains;

/// <summary>
/// The ledger's front door: takes a command to its portfolio's grain and answers once it is durable. A process needs
/// one; several processes may work on one database.
/// </summary>
public sealed class Ledger : IAsyncDisposable
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<int, PortfolioGrain> grains = new();
    private readonly ConcurrentDictionary<string, Task> underWay = new();
    private readonly GroupCommit commits;
    private readonly GrainContext context;
    private readonly ITimer sweep;

    /// <param name="database">For reads.</param>
    /// <param name="writer">For commits; see <see cref="LedgerConnections"/> for what it needs.</param>
    /// <param name="patience">
    /// How long an unreachable database is tried again before callers are told; 20 s by default.
    /// </param>
    public Ledger(
        NpgsqlDataSource database,
        NpgsqlDataSource writer,
        ILogger<Ledger> logger,
        TimeProvider? clock = null,
        TimeSpan? patience = null)
    {
        commits = new GroupCommit(writer, logger, patience ?? TimeSpan.FromSeconds(20));
        context = new GrainContext(
            database,
            new EventLog(database),
            commits,
            new IdSupply(database),
            clock ?? TimeProvider.System,
            logger);
        sweep = context.Clock.CreateTimer(_ => RetireIdle(), null, IdleTime, IdleTime);
    }

    /// <summary>
    /// Raised with the last sequence of each batch that this process has committed, before its callers are answered and
    /// by the lane that committed it: whoever waits there holds up commits, and an exception would end the lane.
    /// </summary>
    public event Action<long>? Committed
    {
        add => commits.Committed += value;
        remove => commits.Committed -= value;
    }

    /// <summary>
    /// False only where a benchmark measures what hashes cost, in a database that is made to do without.
    /// </summary>
    internal bool IsSealing
    {
        init => context.IsSealing = value;
    }

    public int ActiveGrains => grains.Count;

    /// <summary>Portfolios whose history this build cannot fold, and why.</summary>
    public IReadOnlyDictionary<int, string> StoppedPortfolios => context.StoppedPortfolios;

    /// <summary>An id for a portfolio that is to be opened.</summary>
    public int NextPortfolioId() => context.Ids.Next(IdKind.Portfolio);

    /// <returns>The answer, when it is durable; a refusal is an answer.</returns>
    /// <exception cref="LedgerUnavailableException">
    /// The database cannot be reached, or did not reply in time.
    /// </exception>
    /// <exception cref="PortfolioStoppedException">The portfolio's history needs a repair.</exception>
    public async Task<Answer> Execute(CommandRequest request)
    {
        var pending = new PendingCommand(request);
        // Equal commands at the same moment: one goes first, the others find its receipt.
        foreach (var key in request.Identity.Keys)
        {
            while (!underWay.TryAdd(key.Value, pending.Answered))
            {
                pending.MayBeRepeat = true;
                if (underWay.TryGetValue(key.Value, out var first))
                    await first.ContinueWith(_ => { }, TaskScheduler.Default);
                // It leaves the list just after it is answered.
                await Task.Yield();
            }
        }
        try
        {
            while (!GrainOf(request.PortfolioId).TryEnqueue(pending))
                grains.TryRemove(request.PortfolioId, out _);
            return await pending.Answered;
        }
        finally
        {
            foreach (var key in request.Identity.Keys)
                underWay.TryRemove(KeyValuePair.Create<string, Task>(key.Value, pending.Answered));
        }
    }

    /// <summary>The portfolio that an order belongs to; null where there is no such order.</summary>
    public async Task<int?> PortfolioOf(int orderId, CancellationToken cancel = default)
    {
        if (context.OrderHomes.TryGetValue(orderId, out var home))
            return home;
        const string Sql = "SELECT portfolio_id FROM \"order\" WHERE order_id = $1";
        await using var command = context.Database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = orderId });
        return (int?)await command.ExecuteScalarAsync(cancel);
    }

    /// <summary>The portfolio's state as of <paramref name="version"/> or later; null where there is none.</summary>
    public Task<Portfolio?> Read(int portfolioId, long version) => GrainOf(portfolioId).Read(version);

    public async ValueTask DisposeAsync()
    {
        await sweep.DisposeAsync();
        await commits.DisposeAsync();
    }

    private PortfolioGrain GrainOf(int portfolioId) =>
        grains.GetOrAdd(portfolioId, static (id, shared) => new PortfolioGrain(id, shared), context);

    private void RetireIdle()
    {
        var before = context.Clock.GetUtcNow() - IdleTime;
        foreach (var (id, grain) in grains)
        {
            if (grain.TryRetire(before))
                grains.TryRemove(KeyValuePair.Create(id, grain));
        }
    }
}
