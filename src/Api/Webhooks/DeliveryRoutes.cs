using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Bifrost.Api.Webhooks;

/// <summary>The list of deliveries that is asked for.</summary>
internal readonly record struct DeliveriesQuery
{
    /// <summary>pending, delivered or dead.</summary>
    [FromQuery(Name = "state")]
    public string? State { get; init; }
}

internal static class DeliveryRoutes
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/webhooks/{webhookId:guid}/deliveries", List).OpenTo(AccessRule.ManageWebhooks)
            .WithName("ListDeliveries").WithTags("Webhooks")
            .WithSummary("Lists what a webhook is told of, from the newest on")
            .ProducesProblem(400).ProducesProblem(404);
        api.MapPost("/webhooks/{webhookId:guid}/deliveries/{deliveryId:guid}/retry", Retry)
            .OpenTo(AccessRule.ManageWebhooks)
            .WithName("RetryDelivery").WithTags("Webhooks").WithSummary("Has a delivery that was given up made again")
            .ProducesProblem(404).ProducesProblem(409);
        api.MapDelete("/webhooks/{webhookId:guid}/deliveries/{deliveryId:guid}", Discard)
            .OpenTo(AccessRule.ManageWebhooks)
            .WithName("DiscardDelivery").WithTags("Webhooks").WithSummary("Removes a delivery that was given up")
            .ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Results<Ok<Page<DeliveryView>>, ProblemHttpResult>> List(
        Guid webhookId,
        [AsParameters] DeliveriesQuery query,
        [AsParameters] Paging paging,
        WebhookStore webhooks,
        DeliveryStore deliveries,
        CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var limit = Paging.ReadLimit(check, paging.Limit);
        var before = Pages.Before(check, paging.After);
        var state = check.OptionalState<DeliveryState>("state", query.State);
        if (check.Failed)
            return check.Problem;
        if (await webhooks.Find(webhookId, cancel) is null)
            return WebhookRoutes.Unknown(webhookId);
        var found = await deliveries.List(webhookId, before, state, limit + 1, cancel);
        return TypedResults.Ok(Pages.Newest(found, limit, DeliveryView.Of, delivery => delivery.DeliveryId));
    }

    private static async Task<Results<Ok<DeliveryView>, ProblemHttpResult>> Retry(
        Guid webhookId, Guid deliveryId, DeliveryStore deliveries, CancellationToken cancel)
    {
        var isRetried = await deliveries.Retry(webhookId, deliveryId, cancel);
        return await deliveries.Find(webhookId, deliveryId, cancel) is not { } delivery
            ? Unknown(webhookId, deliveryId)
            : isRetried ? TypedResults.Ok(DeliveryView.Of(delivery)) : NotDead(delivery);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Discard(
        Guid webhookId, Guid deliveryId, DeliveryStore deliveries, CancellationToken cancel) =>
        await deliveries.Discard(webhookId, deliveryId, cancel) ? TypedResults.NoContent()
            : await deliveries.Find(webhookId, deliveryId, cancel) is { } delivery ? NotDead(delivery)
            : Unknown(webhookId, deliveryId);

    private static ProblemHttpResult NotDead(Delivery delivery) => Problems.Of(
        Problems.DeliveryState, $"Delivery {delivery.DeliveryId} was not given up: it is {delivery.State.Word()}.");

    private static ProblemHttpResult Unknown(Guid webhookId, Guid deliveryId) =>
        Problems.Of(Problems.DeliveryNotFound, $"Webhook {webhookId} has no delivery {deliveryId}.");
}
