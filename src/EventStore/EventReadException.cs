namespace Bifrost.EventStore;

/// <summary>Why a history cannot be read on.</summary>
public enum HistoryFault
{
    /// <summary>An event of a type that this build does not know.</summary>
    UnknownType,

    /// <summary>Stored JSON that is no shape of its event.</summary>
    Unreadable,

    /// <summary>An event that cannot follow those before it.</summary>
    CannotFollow,

    /// <summary>A version that is left out, or stands twice.</summary>
    Gap,

    /// <summary>An event that the portfolio's history counts and the log does not have.</summary>
    Missing,

    /// <summary>An event of another portfolio or another stream.</summary>
    Foreign,

    /// <summary>An event that the log has and the portfolio's history does not count.</summary>
    Uncounted,
}

/// <summary>Where an event stands.</summary>
public sealed record EventPlace(long Sequence, string Stream, long Version);

/// <summary>
/// History that this build cannot read or follow. It is never skipped, so whatever depends on it stops there.
/// </summary>
/// <remarks>
/// The message is told to callers, so it has no text of other exceptions, which name what is inside the program. They
/// are behind it, for the log.
/// </remarks>
public abstract class EventReadException(HistoryFault fault, string reason, Exception? inner = null)
    : Exception(reason, inner)
{
    public HistoryFault Fault => fault;

    /// <summary>Null where the event was not read from the log.</summary>
    public EventPlace? Place { get; internal set; }

    public override string Message => Place is { } place
        ? $"Event {place.Sequence} of the log, version {place.Version} of {place.Stream}: {base.Message}"
        : base.Message;
}

/// <summary>An event name that this build does not know.</summary>
public sealed class UnknownEventException(string alias)
    : EventReadException(HistoryFault.UnknownType, $"This build does not know the type '{alias}'.");

/// <summary>Stored JSON that is not one of its event, for instance because a member is missing.</summary>
public sealed class UnreadableEventException(string alias, Exception inner)
    : EventReadException(HistoryFault.Unreadable, $"The stored JSON is not that of the type '{alias}'.", inner);

/// <summary>An event that can be read and has no place where it stands.</summary>
public sealed class UnfoldableEventException : EventReadException
{
    public UnfoldableEventException(HistoryFault fault, EventPlace? place, string reason, Exception? inner = null)
        : base(fault, reason, inner) => Place = place;
}
