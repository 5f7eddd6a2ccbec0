using System.Diagnostics;
using System.Diagnostics.Metrics;
using Bifrost.Replay.Verifying;

namespace Bifrost.Workers.Checking;

/// <summary>What the continuous check of the projected tables has come to.</summary>
public sealed class ProjectionCheck : IDisposable
{
    public const string MeterName = "Bifrost.Check";

    private readonly Meter meter = new(MeterName);
    private readonly Lock gate = new();
    private IReadOnlyList<Difference> differences = [];
    private long passed = Stopwatch.GetTimestamp();

    public ProjectionCheck()
    {
        meter.CreateObservableGauge(
            "bifrost.verified_through", () => VerifiedThrough, "{event}", "Sequence that tables were verified through");
        meter.CreateObservableGauge(
            "bifrost.verification.differences", () => Differences.Count, "{value}", "Values that differ from the log");
    }

    /// <summary>
    /// The sequence through which every table was found to be what the log folds to; 0 before the first pass has ended.
    /// </summary>
    public long VerifiedThrough { get; private set; }

    /// <summary>When the latest pass over all portfolios ended; null before the first.</summary>
    public DateTimeOffset? PassedAt { get; private set; }

    /// <summary>How long ago the latest pass ended; before the first, how long the server has been there.</summary>
    public TimeSpan SincePassed => Stopwatch.GetElapsedTime(Volatile.Read(ref passed));

    /// <summary>What was found and has not been found right since.</summary>
    public IReadOnlyList<Difference> Differences
    {
        get
        {
            lock (gate)
                return differences;
        }
    }

    public void Dispose() => meter.Dispose();

    internal void Found(IReadOnlyList<Difference> found)
    {
        lock (gate)
            differences = [.. differences.Union(found)];
    }

    internal void Passed(long sequence, IReadOnlyList<Difference> found, DateTimeOffset at)
    {
        lock (gate)
            differences = found;
        PassedAt = at;
        Volatile.Write(ref passed, Stopwatch.GetTimestamp());
        if (found.Count == 0)
            VerifiedThrough = sequence;
    }
}
