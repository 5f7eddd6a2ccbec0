using Bifrost.MarketData.Rollups;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers;

/// <summary>Rolls up what is new or corrected.</summary>
public sealed class RollupWorker(BarRollups rollups, ILogger<RollupWorker> logger) : RepeatedWork(logger)
{
    // How long bars that another process stored wait at most.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>To be signalled after bars were stored in this process.</summary>
    public Wakeup Stored { get; } = new();

    protected override string Name => "The rollup";

    protected override async Task Turn(CancellationToken cancel)
    {
        await rollups.Run(progress: null, cancel);
        await Stored.Wait(Period, cancel);
    }
}
