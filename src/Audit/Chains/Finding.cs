namespace Bifrost.Audit.Chains;

/// <summary>Something that shows that the log is not what it was.</summary>
/// <param name="Sequence">The event that is wrong, or the first one that may be.</param>
/// <param name="Problem">A sentence without its beginning and its full stop, which the sequence is.</param>
public sealed record Finding(long Sequence, string Problem)
{
    public override string ToString() => $"Event {Sequence}: {Problem}.";
}

/// <summary>What is wrong, in the order in which it was met.</summary>
internal sealed class Findings
{
    // What follows from a fault in a large log would fill memory; all are counted.
    private const int MostKept = 1000;

    private readonly List<Finding> kept = [];

    public long Count { get; private set; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<Finding> Kept => kept;

    public void Add(long sequence, string problem)
    {
        Count++;
        if (kept.Count < MostKept)
            kept.Add(new Finding(sequence, problem));
    }
}
