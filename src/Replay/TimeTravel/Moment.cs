namespace Bifrost.Replay.TimeTravel;

/// <summary>
/// The moment of a question: what was known then, and what was true then. Nothing set is the present.
/// </summary>
public sealed record Moment
{
    public static readonly Moment Now = new();

    /// <summary>Known is what was recorded until then, that moment included; null is all.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Known is what has this sequence or a smaller one; null is all.</summary>
    public long? Sequence { get; init; }

    /// <summary>
    /// Of what is known, what had occurred until then, that moment included. Null is everything, as it was recorded.
    /// </summary>
    public DateTimeOffset? Effective { get; init; }

    public bool Knows(long sequence, DateTimeOffset recordedAt) =>
        (Sequence is not { } last || sequence <= last) && (AsOf is not { } at || recordedAt <= at);
}

/// <summary>A portfolio at a moment.</summary>
/// <param name="Sequence">The last of its events that were known.</param>
/// <param name="RecordedAt">When that one was recorded.</param>
/// <param name="Version">How many of its events were known.</param>
public sealed record Past(
    Domain.Portfolios.Portfolio State, long Sequence, DateTimeOffset RecordedAt, long Version);
