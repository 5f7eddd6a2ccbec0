using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Bifrost.Audit.Anchors;

namespace Bifrost.Workers.Anchors;

/// <summary>What the signing of anchors has come to.</summary>
public sealed class AnchorState : IDisposable
{
    public const string MeterName = "Bifrost.Anchors";

    private readonly Meter meter = new(MeterName);
    private readonly ConcurrentDictionary<string, string> outside = new();

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
    /// Why each program did not take the newest anchor outside, by its name; empty where nothing is wrong.
    /// </summary>
    public IReadOnlyDictionary<string, string> Outside => outside;

    public void Dispose() => meter.Dispose();

    internal void Anchored(Anchor? latest) => (Latest, Problem) = (latest, null);

    internal void Failed(string problem) => Problem = problem;

    internal void WentOutside(string hook, string? problem)
    {
        if (problem is null)
            outside.TryRemove(hook, out _);
        else
            outside[hook] = problem;
    }
}
