using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Bifrost.Audit.Anchors;

namespace Bifrost.Workers.Anchors;

/// <summary>What the signing of anchors has come to.</summary>
public sealed class AnchorState : IDisposable
{
    public const string MeterName = "Bifrost.Anchors";

    private readonly Meter meter = new(MeterName);
    private readonly ConcurrentDictionary<string, string> outside = new();
    private long signed = Stopwatch.GetTimestamp();

    public AnchorState()
    {
        meter.CreateObservableGauge(
            "bifrost.anchored_through", () => Latest?.Sequence ?? 0, "{event}", "Sequence that an anchor attests");
        meter.CreateObservableGauge(
            "bifrost.anchoring.problems", () => Problem is null ? 0 : 1, "{problem}", "1 where no more is anchored");
        meter.CreateObservableGauge(
            "bifrost.anchoring.outside_problems", () => outside.Count, "{problem}", "Places that did not take an "
            + "anchor");
    }

    public Anchor? Latest { get; private set; }

    /// <summary>Why no more is anchored; null where nothing is wrong.</summary>
    public string? Problem { get; private set; }

    /// <summary>
    /// How long ago there was nothing left to anchor; before the first time, how long the server has been there.
    /// </summary>
    public TimeSpan SinceSigned => Stopwatch.GetElapsedTime(Volatile.Read(ref signed));

    /// <summary>
    /// Why each program did not take the newest anchor outside, by its name; empty where nothing is wrong.
    /// </summary>
    public IReadOnlyDictionary<string, string> Outside => outside;

    public void Dispose() => meter.Dispose();

    /// <param name="isAllSigned">Whether the anchor is of this moment, or newer than the one before.</param>
    internal void Anchored(Anchor? latest, bool isAllSigned)
    {
        (Latest, Problem) = (latest, null);
        if (isAllSigned)
            Volatile.Write(ref signed, Stopwatch.GetTimestamp());
    }

    internal void Failed(string problem) => Problem = problem;

    internal void WentOutside(string hook, string? problem)
    {
        if (problem is null)
            outside.TryRemove(hook, out _);
        else
            outside[hook] = problem;
    }
}
