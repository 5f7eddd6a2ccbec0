using Bifrost.Domain;

namespace Bifrost.EventStore;

/// <summary>Who wrote an event, and why.</summary>
/// <param name="Actor">Who gave the command.</param>
/// <param name="CommandId">The command that caused the event; stored as Marten's causation id.</param>
/// <param name="CorrelationId">What the command was part of, for instance a trace id.</param>
public sealed record Origin(string Actor, string CommandId, string? CorrelationId);

/// <summary>An event on its way into the log, written and hashed when it is made, off the committing lane.</summary>
public sealed class NewEvent
{
    /// <param name="place">Taken already: the append fails.</param>
    /// <param name="previousHash">
    /// The hash of the event before it in its portfolio; <see cref="EventHash.Beginning"/> for its first; null leaves
    /// it without a hash.
    /// </param>
    public NewEvent(
        LedgerEvent data, DateTimeOffset recordedAt, EventOrder place, Origin origin, byte[]? previousHash)
    {
        (Data, RecordedAt, Place, Origin) = (data, recordedAt, place, origin);
        Type = EventCatalog.Of(data);
        Id = Guid.CreateVersion7(recordedAt);
        if (previousHash is null)
        {
            Payload = EventCatalog.WriteUtf8(data);
            return;
        }
        Payload = EventCatalog.WritePayload(data);
        Hash = EventHash.Of(previousHash, Hashed, Payload);
    }

    public LedgerEvent Data { get; }

    public EventType Type { get; }

    public Guid Id { get; }

    public DateTimeOffset RecordedAt { get; }

    public EventOrder Place { get; }

    public Origin Origin { get; }

    /// <summary>The JSON; where the event is sealed, to the byte as the log gives it back.</summary>
    public byte[] Payload { get; }

    /// <summary>Null where the event is not sealed, which only a benchmark's database takes.</summary>
    public byte[]? Hash { get; }

    private HashedEvent Hashed => new(
        Data.PortfolioId, Place, Data.Stream.Value, Type.Alias, Id, RecordedAt,
        new HashedOrigin(Origin.Actor, Origin.CommandId, Origin.CorrelationId));
}

/// <summary>What the next event of a portfolio follows.</summary>
/// <param name="Sequence">Of the portfolio's latest event; zero where it has none.</param>
/// <param name="Hash">The hash of that event.</param>
public readonly record struct ChainHead(long Sequence, byte[] Hash)
{
    public static ChainHead Beginning => new(0, EventHash.Beginning);
}

/// <summary>Where an event stands, counted from 1.</summary>
/// <param name="StreamVersion">Among the events of its stream.</param>
/// <param name="PortfolioVersion">Among all events of its portfolio.</param>
public readonly record struct EventOrder(long StreamVersion, long PortfolioVersion);

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

    /// <summary>Its place in the hash chain of its portfolio; null where it was not read for writing on.</summary>
    public byte[]? Hash { get; init; }

    public Recorded Recorded => new(Data, RecordedAt);
}
