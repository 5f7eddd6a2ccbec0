using JasperFx.Events;
using Marten;
using Wolverine;

namespace Bifrost.Messaging.Following;

/// <summary>Handles the ledger's events behind their commits, in order and each once, on one node of all.</summary>
/// <remarks>
/// Reading every event costs the ledger throughput, so a follower runs only while somebody wants what it makes of them;
/// every second it is asked whether that is so.
/// </remarks>
public interface IFollower
{
    /// <summary>
    /// The sequence after which somebody wants the events; null while nobody does. A follower that begins, or begins
    /// again after a pause, goes on behind it, or behind where it came to where that is further.
    /// </summary>
    ValueTask<long?> WantedAfter(CancellationToken cancel);

    /// <summary>
    /// Handles what was committed next. What is written and sent by <paramref name="events"/> is there together with
    /// the follower's new place in the log, or not at all, and then the same events come again.
    /// </summary>
    Task Follow(FollowedEvents events, CancellationToken cancel);
}

/// <summary>Events that follow each other in the log, and the transaction in which they are handled.</summary>
public sealed class FollowedEvents
{
    private readonly IDocumentOperations operations;
    private readonly IMessageBus messages;

    internal FollowedEvents(
        long after, long through, IReadOnlyList<IEvent> events, IDocumentOperations operations, IMessageBus messages)
    {
        (After, Through, Events) = (after, through, events);
        (this.operations, this.messages) = (operations, messages);
    }

    public long After { get; }

    public long Through { get; }

    /// <summary>Those that this build can read, in order; the log may have others in between.</summary>
    public IReadOnlyList<IEvent> Events { get; }

    /// <summary>A statement that runs within the transaction, at its end.</summary>
    /// <param name="sql">Has a question mark for each parameter.</param>
    public void Write(string sql, params object[] parameters) => operations.QueueSqlCommand(sql, parameters);

    /// <summary>Sent once the transaction is committed.</summary>
    public ValueTask Send<T>(T message) => messages.PublishAsync(message);
}
