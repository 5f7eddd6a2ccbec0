using Microsoft.Extensions.DependencyInjection;
using Wolverine;
using Wolverine.Attributes;
using Wolverine.ErrorHandling;
using Wolverine.Postgresql;
using Wolverine.Runtime;
using Wolverine.Runtime.Handlers;

namespace Bifrost.Webhooks;

/// <summary>A request is to be made to the receiver of a webhook.</summary>
/// <param name="Attempt">How many were made before: it is not made where another was meanwhile.</param>
[MessageIdentity("deliver-webhook")]
public sealed record DeliverWebhook(Guid DeliveryId, int Attempt);

internal sealed class DeliverWebhookHandler : MessageHandler<DeliverWebhook>
{
    private static readonly TimeSpan[] Outage = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];

    public override void ConfigureChain(HandlerChain chain) =>
        // What a receiver answers is kept with the delivery. What comes here is that this could not be.
        chain.OnAnyException().ScheduleRetryIndefinitely(Outage);

    protected override Task HandleAsync(
        DeliverWebhook message, MessageContext context, CancellationToken cancellation) =>
        context.Runtime.Services.GetRequiredService<WebhookDelivery>().Deliver(message, cancellation);
}

/// <summary>The queue of webhooks: each request is made by one node of all.</summary>
internal sealed class WebhookMessages : IWolverineExtension
{
    private const string Queue = "webhooks";

    // They wait for receivers, most of the time.
    private const int AtOnce = 32;

    // The queue is looked at once a second while there is more than this in it.
    private const int Taken = 500;

    public void Configure(WolverineOptions options)
    {
        options.PublishMessage<DeliverWebhook>().ToPostgresqlQueue(Queue).UseDurableOutbox();
        options.ListenToPostgresqlQueue(Queue).UseDurableInbox()
            .MaximumParallelMessages(AtOnce).MaximumMessagesToReceive(Taken);
        options.AddMessageHandler(new DeliverWebhookHandler());
    }
}
