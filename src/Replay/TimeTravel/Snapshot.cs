using Bifrost.Domain.Portfolios;

namespace Bifrost.Replay.TimeTravel;

/// <summary>Where a snapshot stands in its portfolio's history.</summary>
/// <param name="Version">Of the portfolio: the events that are in it.</param>
/// <param name="Sequence">Of the last of them.</param>
/// <param name="RecordedAt">Of the last of them.</param>
/// <param name="FactsThrough">The latest moment at which one of its facts occurred.</param>
/// <param name="ReachesTo">
/// The earliest moment that a late fact of the events since the snapshot before reaches back to; null where none was
/// late.
/// </param>
internal sealed record Place(
    long Version, long Sequence, DateTimeOffset RecordedAt, DateTimeOffset FactsThrough, DateTimeOffset? ReachesTo);

/// <summary>The state of a portfolio after a number of its events.</summary>
/// <param name="Effective">
/// The state with all facts booked in the order in which they occurred; null where that is the recorded state.
/// </param>
internal sealed record Snapshot(Place Place, Portfolio State, Portfolio? Effective);
