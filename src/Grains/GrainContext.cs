using System.Collections.Concurrent;
using Bifrost.Domain;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace Bifrost.Grains;

/// <summary>What the grains of a silo share.</summary>
internal sealed record GrainContext(
    NpgsqlDataSource Database, EventLog Log, GroupCommit Commits, IdSupply Ids, TimeProvider Clock, ILogger Logger)
    : IAsyncDisposable
{
    // Of the portfolios that are active here. What stands there is a value, which whoever reads takes without waiting.
    private readonly ConcurrentDictionary<int, ActivePortfolio> active = new();

    // A server that has just started is asked for all of its portfolios at once; reading more histories than this at a
    // time only queues them inside PostgreSQL, and takes every connection of the pool.
    private const int MostHistoriesAtOnce = 16;

    /// <summary>To be held while a portfolio's history is read.</summary>
    public SemaphoreSlim HistoryReads { get; } = new(MostHistoriesAtOnce);

    /// <summary>Whether events are written with their hashes: always, but where a benchmark has them not.</summary>
    public bool IsSealing { get; set; } = true;

    /// <summary>What symbols stand for; null where nobody has described any.</summary>
    public InstrumentOf? Instruments { get; init; }

    /// <summary>Rates of now; null where none are known.</summary>
    public RateOf? Rates { get; init; }

    /// <summary>Where working orders belong.</summary>
    public ConcurrentDictionary<int, OrderHome> OrderHomes { get; } = new();

    /// <summary>Portfolios whose history this build cannot fold, and why.</summary>
    public ConcurrentDictionary<int, string> StoppedPortfolios { get; } = new();

    /// <summary>
    /// For so long after a call through Orleans a portfolio may be reached without: Orleans retires what it sees no
    /// calls of, and would take a busy portfolio for one that nobody uses.
    /// </summary>
    public TimeSpan Shortcut { get; init; } = TimeSpan.FromMinutes(1);

    public int Active => active.Count;

    public void Activated(int portfolioId, PortfolioWriter writer) =>
        active[portfolioId] = new ActivePortfolio(writer, Stopwatch.GetTimestamp());

    /// <summary>A call came through Orleans.</summary>
    public void Called(int portfolioId)
    {
        if (active.TryGetValue(portfolioId, out var portfolio))
            portfolio.CalledAt = Stopwatch.GetTimestamp();
    }

    public void Published(int portfolioId, Portfolio? state)
    {
        if (active.TryGetValue(portfolioId, out var portfolio))
            portfolio.State = state;
    }

    public void Retired(int portfolioId) => active.TryRemove(portfolioId, out _);

    /// <summary>The committed state of a portfolio that is active in this silo; null where it is not.</summary>
    public Portfolio? StateOf(int portfolioId) => active.GetValueOrDefault(portfolioId)?.State;

    /// <summary>The writer of a portfolio that is active in this silo; null where Orleans is to be asked.</summary>
    public PortfolioWriter? WriterOf(int portfolioId) =>
        active.TryGetValue(portfolioId, out var portfolio)
        && Stopwatch.GetElapsedTime(portfolio.CalledAt) < Shortcut
            ? portfolio.Writer
            : null;

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

/// <summary>A portfolio that this silo has.</summary>
internal sealed class ActivePortfolio(PortfolioWriter writer, long calledAt)
{
    private Portfolio? state;
    private long calledAt = calledAt;

    public PortfolioWriter Writer => writer;

    /// <summary>The latest committed state; null before the first.</summary>
    public Portfolio? State
    {
        get => Volatile.Read(ref state);
        set => Volatile.Write(ref state, value);
    }

    /// <summary>When the last call came through Orleans, by the stopwatch.</summary>
    public long CalledAt
    {
        get => Volatile.Read(ref calledAt);
        set => Volatile.Write(ref calledAt, value);
    }
}

internal static class Clocks
{
    /// <summary>PostgreSQL keeps microseconds; a finer time would be another one when it is read back.</summary>
    public static DateTimeOffset Microseconds(DateTimeOffset time) =>
        new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
