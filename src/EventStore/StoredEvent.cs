using Bifrost.Domain;

namespace Bifrost.EventStore;

/// <summary>Who wrote an event, and why.</summary>
/// <param name="Actor">Who gave the command.</param>
/// <param name="CommandId">The command that caused the event; stored as Marten's causation id.</param>
/// <param name="CorrelationId">What the command was part of, for instance a trace id.</param>
public sealed record Origin(string Actor, string CommandId, string? CorrelationId);

/// <summary>An event on its way into the log.</summary>
/// <param name="StreamVersion">Its place in its stream, from 1. Taken already: the append fails.</param>
/// <param name="PortfolioVersion">
/// Its place among all events of its portfolio, from 1. Taken already: the append fails.
/// </param>
public sealed record NewEvent(
    LedgerEvent Data, DateTimeOffset RecordedAt, long StreamVersion, long PortfolioVersion, Origin Origin)
{
    /// <summary>The JSON that is stored, written when the event is made, off the committing lane.</summary>
    public string Json { get; } = EventCatalog.Write(Data);
}

/// <summary>An event as it is read back.</summary>
/// <param name="Sequence">Its place in the whole log; sequences grow in commit order.</param>
public sealed record StoredEvent(
    long Sequence,
    Guid Id,
    string Stream,
    long Version,
    LedgerEvent Data,
    DateTimeOffset RecordedAt,
    Origin Origin)
{
    /// <summary>Its place among the events of its portfolio; zero where it was not read by portfolio.</summary>
    public long PortfolioVersion { get; init; }

    public Recorded Recorded => new(Data, RecordedAt);
}
