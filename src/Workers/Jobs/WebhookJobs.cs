using System.Text.Json;
using Bifrost.Jobs;
using Bifrost.Webhooks;

namespace Bifrost.Workers.Jobs;

/// <summary>Tells a webhook of events of the past again.</summary>
/// <remarks>
/// A later attempt goes on behind the last part that was asked for. Should that part not have been noted, it is asked
/// for again, which changes nothing.
/// </remarks>
public sealed class WebhookReplayJob(WebhookStore webhooks, WebhookReplay replay) : IJobKind
{
    public const string Kind = "webhook-replay";

    private const int SequencesOfPart = 500;

    private sealed record Given(Guid WebhookId, long From, long? To);

    /// <param name="Through">The end, which is found once: the log grows meanwhile.</param>
    private readonly record struct Progress(long Through, long Last, long Told);

    public string Name => Kind;

    public string Description =>
        "Tells a webhook of events again, those of its types and portfolio. webhookId; from: the first sequence; "
        + "to: the last one, or that which is the last when it begins.";

    public string? ProblemWith(JsonElement arguments) => Read(arguments).Problem;

    public async Task<JsonElement?> Run(JobContext job, CancellationToken cancel)
    {
        var given = Read(job.Arguments).Given!;
        var progress = job.Checkpoint is { } kept
            ? kept.Deserialize<Progress>()
            : new Progress(Math.Min(given.To ?? long.MaxValue, await replay.ReadLatest(cancel)), given.From - 1, 0);
        await job.Save(JsonSerializer.SerializeToElement(progress), cancel);
        while (progress.Last < progress.Through)
        {
            if (await webhooks.Find(given.WebhookId, cancel) is not { IsActive: true })
                throw new JobFailedException($"There is no webhook {given.WebhookId} that is active.");
            var through = Math.Min(progress.Last + SequencesOfPart, progress.Through);
            var told = await replay.Tell(given.WebhookId, job.JobId, progress.Last, through, cancel);
            progress = progress with { Last = through, Told = progress.Told + told };
            job.Report(
                "asking for deliveries", progress.Last - given.From + 1, progress.Through - given.From + 1);
            await job.Save(JsonSerializer.SerializeToElement(progress), cancel);
        }
        return JsonSerializer.SerializeToElement(new { deliveries = progress.Told }, JsonSerializerOptions.Web);
    }

    private static (Given? Given, string? Problem) Read(JsonElement arguments)
    {
        var given = new JobArguments(arguments);
        var (text, from, to) = (given.Text("webhookId"), given.Sequence("from"), given.Sequence("to"));
        if (!Guid.TryParse(text, out var webhookId))
            given.Add("webhookId is the id of a webhook");
        if (from is null)
            given.Add("from is required");
        if (to < from)
            given.Add("to is not below from");
        return given.Problem is { } problem ? (null, problem) : (new Given(webhookId, from!.Value, to), null);
    }
}

/// <summary>Drops what was delivered long ago.</summary>
public sealed class WebhookRetentionJob(DeliveryStore deliveries) : IJobKind
{
    private const int Days = 7;

    public string Name => "webhook-retention";

    public string Description => $"Drops deliveries of webhooks that were made more than {Days} days ago.";

    public string? ProblemWith(JsonElement arguments) => new JobArguments(arguments).Problem;

    public async Task<JsonElement?> Run(JobContext job, CancellationToken cancel)
    {
        var dropped = await deliveries.DiscardDelivered(TimeSpan.FromDays(Days), cancel);
        return JsonSerializer.SerializeToElement(new { dropped }, JsonSerializerOptions.Web);
    }
}
