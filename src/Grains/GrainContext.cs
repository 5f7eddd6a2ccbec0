using System.Collections.Concurrent;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Grains;

/// <summary>What the grains of a silo share.</summary>
internal sealed record GrainContext(
    NpgsqlDataSource Database, EventLog Log, GroupCommit Commits, IdSupply Ids, TimeProvider Clock, ILogger Logger)
    : IAsyncDisposable
{
    // Of the portfolios that are active here, the latest committed state: a value, which whoever reads takes without
    // waiting for the grain.
    private readonly ConcurrentDictionary<int, Portfolio?> states = new();

    // A server that has just started is asked for all of its portfolios at once; reading more histories than this at a
    // time only queues them inside PostgreSQL, and takes every connection of the pool.
    private const int MostHistoriesAtOnce = 16;

    /// <summary>To be held while a portfolio's history is read.</summary>
    public SemaphoreSlim HistoryReads { get; } = new(MostHistoriesAtOnce);

    /// <summary>Whether events are written with their hashes: always, but where a benchmark has them not.</summary>
    public bool IsSealing { get; set; } = true;

    /// <summary>Which portfolio a working order belongs to.</summary>
    public ConcurrentDictionary<int, int> OrderHomes { get; } = new();

    /// <summary>Portfolios whose history this build cannot fold, and why.</summary>
    public ConcurrentDictionary<int, string> StoppedPortfolios { get; } = new();

    public int Active => states.Count;

    public void Activated(int portfolioId) => states.TryAdd(portfolioId, null);

    public void Published(int portfolioId, Portfolio? state) => states[portfolioId] = state;

    public void Retired(int portfolioId) => states.TryRemove(portfolioId, out _);

    /// <summary>The committed state of a portfolio that is active in this silo; null where it is not.</summary>
    public Portfolio? StateOf(int portfolioId) => states.GetValueOrDefault(portfolioId);

    /// <summary>Takes no more turns and waits for those under way.</summary>
    public ValueTask DisposeAsync() => Commits.DisposeAsync();

    /// <summary>Told in the log once, and not with each command that meets it.</summary>
    public void Stopped(int portfolioId, Exception reason)
    {
        if (StoppedPortfolios.TryGetValue(portfolioId, out var known) && known == reason.Message)
            return;
        StoppedPortfolios[portfolioId] = reason.Message;
        Logger.LogError(reason, "Portfolio {PortfolioId} has stopped: {Reason}", portfolioId, reason.Message);
    }
}

internal static class Clocks
{
    /// <summary>PostgreSQL keeps microseconds; a finer time would be another one when it is read back.</summary>
    public static DateTimeOffset Microseconds(DateTimeOffset time) =>
        new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
