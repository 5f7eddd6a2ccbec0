using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Bifrost.Api.Access;
using Bifrost.Api.Events;
using Bifrost.Api.Http;
using Bifrost.Api.Jobs;
using Bifrost.Domain;
using Bifrost.EventStore;
using Bifrost.Jobs;
using Bifrost.Webhooks;
using Bifrost.Workers.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Webhooks;

internal static class WebhookRoutes
{
    private const int LongestUrl = 2000;
    private const int LongestDescription = 500;
    private const int MostTypes = 100;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/webhooks", Create).OpenTo(AccessRule.ManageWebhooks)
            .WithName("CreateWebhook").WithTags("Webhooks")
            .WithSummary("Has a URL told of events from now on; the answer has the secret, this once")
            .ProducesProblem(400).ProducesProblem(404);
        api.MapGet("/webhooks", List).OpenTo(AccessRule.ManageWebhooks)
            .WithName("ListWebhooks").WithTags("Webhooks").WithSummary("Lists the webhooks");
        api.MapGet("/webhooks/{webhookId:guid}", Get).OpenTo(AccessRule.ManageWebhooks)
            .WithName("GetWebhook").WithTags("Webhooks").WithSummary("One webhook").ProducesProblem(404);
        api.MapPatch("/webhooks/{webhookId:guid}", Change).OpenTo(AccessRule.ManageWebhooks)
            .WithName("ChangeWebhook").WithTags("Webhooks").WithSummary("Changes what is said of a webhook")
            .ProducesProblem(400).ProducesProblem(404);
        api.MapDelete("/webhooks/{webhookId:guid}", Delete).OpenTo(AccessRule.ManageWebhooks)
            .WithName("DeleteWebhook").WithTags("Webhooks").WithSummary("Removes a webhook with its deliveries")
            .ProducesProblem(404);
        api.MapPost("/webhooks/{webhookId:guid}/replay", Replay).OpenTo(AccessRule.ManageWebhooks)
            .WithName("ReplayWebhook").WithTags("Webhooks")
            .WithSummary("Has a webhook told of events of the past again, by a job")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        api.MapPost("/webhooks/{webhookId:guid}/ping", Ping).OpenTo(AccessRule.ManageWebhooks)
            .WithName("PingWebhook").WithTags("Webhooks")
            .WithSummary("Makes a signed request that tells of nothing, and says what came of it")
            .ProducesProblem(404);
    }

    private static async Task<Results<Created<NewWebhookView>, ProblemHttpResult>> Create(
        Body<CreateWebhookRequest> body,
        HttpContext http,
        WebhookStore webhooks,
        WebhookOptions options,
        EventPages events,
        CancellationToken cancel)
    {
        if (body.Problem is { } invalid)
            return invalid;
        var check = new Check(TimeProvider.System);
        var url = Url(check, check.Text("url", body.Value.Url, LongestUrl), options);
        var types = Types(check, body.Value.EventTypes) ?? [];
        var description = check.OptionalText("description", body.Value.Description, LongestDescription);
        var portfolioId = body.Value.PortfolioId;
        if (portfolioId is not null)
            check.Id("portfolioId", portfolioId);
        if (check.Failed)
            return check.Problem;
        if (portfolioId is { } named && !await events.HasPortfolio(named, cancel))
            return Problems.Of(RejectionCode.PortfolioNotFound, $"There is no portfolio {named}.");
        var (webhook, secret) = await webhooks.Create(
            new Webhook(Guid.CreateVersion7(), url!, types, portfolioId)
            {
                Owner = Caller.Of(http).Actor, Description = description,
            },
            cancel);
        return TypedResults.Created(
            $"/api/webhooks/{webhook.WebhookId}", new NewWebhookView(WebhookView.Of(webhook), secret));
    }

    private static async Task<Ok<List<WebhookView>>> List(WebhookStore webhooks, CancellationToken cancel) =>
        TypedResults.Ok((await webhooks.List(cancel)).ConvertAll(WebhookView.Of));

    private static async Task<Results<Ok<WebhookView>, ProblemHttpResult>> Get(
        Guid webhookId, WebhookStore webhooks, CancellationToken cancel) =>
        await webhooks.Find(webhookId, cancel) is { } webhook
            ? TypedResults.Ok(WebhookView.Of(webhook))
            : Unknown(webhookId);

    private static async Task<Results<Ok<WebhookView>, ProblemHttpResult>> Change(
        Guid webhookId,
        Body<ChangeWebhookRequest> body,
        WebhookStore webhooks,
        WebhookOptions options,
        CancellationToken cancel)
    {
        if (body.Problem is { } invalid)
            return invalid;
        var check = new Check(TimeProvider.System);
        var text = check.OptionalText("url", body.Value.Url, LongestUrl);
        var url = text is null ? null : Url(check, text, options);
        var types = Types(check, body.Value.EventTypes);
        var description = check.OptionalText("description", body.Value.Description, LongestDescription);
        if (check.Failed)
            return check.Problem;
        var change = new WebhookChange(url, types, description, body.Value.Active);
        return await webhooks.Change(webhookId, change, cancel) is { } webhook
            ? TypedResults.Ok(WebhookView.Of(webhook))
            : Unknown(webhookId);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid webhookId, WebhookStore webhooks, CancellationToken cancel) =>
        await webhooks.Delete(webhookId, cancel) ? TypedResults.NoContent() : Unknown(webhookId);

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> Replay(
        Guid webhookId,
        Body<ReplayWebhookRequest> body,
        HttpContext http,
        WebhookStore webhooks,
        JobControl jobs,
        CancellationToken cancel)
    {
        if (body.Problem is { } invalid)
            return invalid;
        var check = new Check(TimeProvider.System);
        if (check.Required("from", body.Value.From) < 1)
            check.Add("from", "is a sequence: a whole number above zero.");
        if (body.Value.To < body.Value.From)
            check.Add("to", "is not below from.");
        if (check.Failed)
            return check.Problem;
        if (await webhooks.Find(webhookId, cancel) is not { } webhook)
            return Unknown(webhookId);
        if (!webhook.IsActive)
            return Problems.Of(Problems.DeliveryState, $"Webhook {webhookId} is not active.");
        var arguments = JobRoutes.Arguments(check, new RawJson(new JsonObject
        {
            ["webhookId"] = $"{webhookId}", ["from"] = body.Value.From, ["to"] = body.Value.To,
        }.ToJsonString()));
        var request = new JobRequest(WebhookReplayJob.Kind, arguments, Caller.Of(http).Actor);
        return Api.Jobs.Accepted.Of(await jobs.Submit(request, content: null, cancel));
    }

    private static async Task<Results<Ok<PingView>, ProblemHttpResult>> Ping(
        Guid webhookId, WebhookDelivery delivery, CancellationToken cancel) =>
        await delivery.Ping(webhookId, cancel) is { } answer
            ? TypedResults.Ok(new PingView(answer.StatusCode, answer.Error))
            : Unknown(webhookId);

    internal static ProblemHttpResult Unknown(Guid webhookId) =>
        Problems.Of(Problems.WebhookNotFound, $"There is no webhook {webhookId}.");

    private static Uri? Url(Check check, string text, WebhookOptions options)
    {
        if (text.Length > 0 && WebhookUrl.ProblemWith(text, options.AllowsPrivate, out var url) is { } problem)
            check.Add("url", problem);
        else if (text.Length > 0)
            return new Uri(text);
        return null;
    }

    [return: NotNullIfNotNull(nameof(types))]
    private static IReadOnlyList<string>? Types(Check check, IReadOnlyList<string>? types)
    {
        if (types is null)
            return null;
        if (types.Count > MostTypes)
            check.Add("eventTypes", $"has at most {MostTypes} types.");
        var unknown = types.FirstOrDefault(type => EventCatalog.All.All(known => known.Alias != type));
        if (unknown is not null || types.Contains(null!))
            check.Add("eventTypes", $"has '{unknown}', which is no type of events: docs/events.md lists them.");
        return types;
    }
}
