using Bifrost.Domain;

namespace Bifrost.EventStore;

/// <summary>An event with what a fold needs of it and no more, for reading many.</summary>
/// <param name="StreamVersion">Its place in its stream, from 1.</param>
/// <param name="Data">Null where it cannot be read.</param>
/// <param name="Problem">Why it cannot be read.</param>
public readonly record struct LoggedEvent(
    long Sequence, long StreamVersion, DateTimeOffset RecordedAt, LedgerEvent? Data, EventReadException? Problem)
{
    /// <exception cref="EventReadException">It cannot be read.</exception>
    public Recorded Recorded => new(Data ?? throw Problem!, RecordedAt);
}

/// <summary>One event of a portfolio's history.</summary>
/// <param name="PortfolioId">Whose history it is counted in.</param>
/// <param name="Event">Without its id and its origin; null where it cannot be read.</param>
/// <param name="Problem">Why it cannot be read.</param>
public readonly record struct HistoryEntry(int PortfolioId, StoredEvent? Event, EventReadException? Problem);
