namespace Bifrost.Audit.Chains;

/// <summary>Something that shows that the log is not what it was.</summary>
/// <param name="Sequence">The event that is wrong, or the first one that may be.</param>
/// <param name="Problem">A sentence without its beginning and its full stop, which the sequence is.</param>
public sealed record Finding(long Sequence, string Problem)
{
    public override string ToString() => $"Event {Sequence}: {Problem}.";
}
