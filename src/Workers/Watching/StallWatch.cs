using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Watching;

/// <summary>Tells in logs and by meters how everything watched is; health asks the same things itself.</summary>
public sealed class StallWatch : BackgroundService
{
    public const string MeterName = "Bifrost.Stalls";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Meter meter = new(MeterName);
    private readonly IReadOnlyList<IWatched> watched;
    private readonly ILogger<StallWatch> logger;
    private readonly HashSet<string> wrong = [];

    public StallWatch(IEnumerable<IWatched> watched, ILogger<StallWatch> logger)
    {
        (this.watched, this.logger) = ([.. watched], logger);
        meter.CreateObservableGauge(
            "bifrost.watch.age", () => Look().Select(c => Tagged(c.Age.TotalSeconds, c)), "s",
            "How long what waits or is behind has done so");
        meter.CreateObservableGauge(
            "bifrost.watch.problems", () => Look().Select(c => Tagged(c.Problem is null ? 0 : 1, c)), "{problem}",
            "1 where something is wrong");
    }

    public override void Dispose()
    {
        meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var period = new PeriodicTimer(Period);
        try
        {
            while (await period.WaitForNextTickAsync(stoppingToken))
                Tell();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    // When it begins and when it is over, and not in between.
    private void Tell()
    {
        foreach (var condition in Look())
        {
            if (condition.Problem is null && wrong.Remove(condition.Name))
                logger.LogInformation("{Watched} is well again", condition.Name);
            else if (condition.Problem is { } problem && wrong.Add(condition.Name))
                logger.Log(condition.Level, "{Watched} is degraded: {Problem}", condition.Name, problem);
        }
    }

    private IEnumerable<Condition> Look() => watched.Select(w => w.Look());

    private static Measurement<double> Tagged(double value, Condition of) =>
        new(value, new KeyValuePair<string, object?>("of", of.Name));
}
