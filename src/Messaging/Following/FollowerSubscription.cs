using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Wolverine;
using Wolverine.Marten.Subscriptions;

namespace Bifrost.Messaging.Following;

/// <summary>What a follower's place in the log is kept under.</summary>
internal sealed record FollowerName<T>(string Name);

/// <summary>A follower, as Marten's daemon sees it.</summary>
internal sealed class FollowerSubscription<T> : BatchSubscription
    where T : class, IFollower
{
    // Small enough that what is written for one is a short transaction, large enough to catch up by.
    private const int EventsOfBatch = 500;

    // The place was moved by the statement before.
    private const string Fence = "SELECT work.require_place(?)";

    private readonly Lazy<T> follower;

    public FollowerSubscription(FollowerName<T> name, IServiceProvider provider)
        : base(name.Name)
    {
        // Late, because it may need the store that this is a part of.
        follower = new Lazy<T>(provider.GetRequiredService<T>);
        Options.BatchSize = EventsOfBatch;
    }

    public override async Task ProcessEventsAsync(
        EventRange page,
        ISubscriptionController controller,
        IDocumentOperations operations,
        IMessageBus bus,
        CancellationToken cancellationToken)
    {
        operations.QueueSqlCommand(Fence, page.ShardName.Identity);
        await follower.Value.Follow(
            new FollowedEvents(page.SequenceFloor, page.SequenceCeiling, page.Events, operations, bus),
            cancellationToken);
    }
}
