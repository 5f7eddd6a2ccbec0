using System.Diagnostics;
using Bifrost.EventStore;
using Bifrost.Replay.TimeTravel;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Checking;

/// <summary>Makes snapshots of portfolios whose history has grown, so that their past is read quickly.</summary>
public sealed class SnapshotWorker(Travel travel, ILogger<SnapshotWorker> logger) : RepeatedWork(logger)
{
    // The pause after a portfolio is so many times what it took.
    private const int PauseFactor = 2;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly HashSet<int> stopped = [];

    protected override string Name => "The making of snapshots";

    protected override async Task Turn(CancellationToken cancel)
    {
        foreach (var portfolio in await travel.FindBehind(cancel))
        {
            var since = Stopwatch.GetTimestamp();
            try
            {
                await travel.MakeSnapshots(portfolio, cancel);
                stopped.Remove(portfolio);
            }
            catch (EventReadException e)
            {
                // A portfolio that cannot be folded has no snapshot and stops no other one. Said once.
                if (stopped.Add(portfolio))
                    logger.LogWarning(e, "Portfolio {PortfolioId} has no snapshot", portfolio);
            }
            await Task.Delay(Stopwatch.GetElapsedTime(since) * PauseFactor, cancel);
        }
        await Task.Delay(Period, cancel);
    }
}
