using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Bifrost.Api.Jobs;

/// <summary>The list of jobs that is asked for.</summary>
internal readonly record struct JobsQuery
{
    /// <summary>queued, running, succeeded, failed or cancelled.</summary>
    [FromQuery(Name = "state")]
    public string? State { get; init; }

    [FromQuery(Name = "kind")]
    public string? Kind { get; init; }
}

/// <summary>A job that was taken on, and where it is to be seen.</summary>
internal static class Accepted
{
    public static Accepted<JobView> Of(Job job) => TypedResults.Accepted($"/api/jobs/{job.JobId}", JobView.Of(job));
}

internal static class JobRoutes
{
    private const string KeyHeader = "Idempotency-Key";

    // How far a job is is written once a second.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/jobs", Start).OpenTo(AccessRule.ManageJobs)
            .WithName("StartJob").WithTags("Jobs").WithSummary("Asks for a job")
            .ProducesProblem(400).ProducesProblem(422);
        api.MapGet("/jobs", List).OpenTo(AccessRule.Operate)
            .WithName("ListJobs").WithTags("Jobs").WithSummary("Lists jobs from the newest on").ProducesProblem(400);
        api.MapGet("/jobs/kinds", Kinds).OpenTo(AccessRule.Operate)
            .WithName("ListJobKinds").WithTags("Jobs").WithSummary("Lists the kinds of jobs there are");
        api.MapGet("/jobs/{jobId:guid}", Get).OpenTo(AccessRule.Operate)
            .WithName("GetJob").WithTags("Jobs").WithSummary("How far a job is").ProducesProblem(404);
        api.MapGet("/jobs/{jobId:guid}/events", Follow).OpenTo(AccessRule.Operate)
            .WithName("FollowJob").WithTags("Jobs")
            .WithSummary("Server-Sent Events job.updated as the job comes along, until it has ended")
            .Produces<string>(200, "text/event-stream").ProducesProblem(404).DisableRequestTimeout();
        api.MapGet("/jobs/{jobId:guid}/content", Fetch).OpenTo(AccessRule.AuditEverything)
            .LeavesAccessRecord().ReadsHistory()
            .WithName("GetJobContent").WithTags("Jobs").WithSummary("What a job gives back, such as an export")
            .Produces<string>(200, "application/octet-stream").ProducesProblem(404).DisableRequestTimeout();
        api.MapPost("/jobs/{jobId:guid}/retry", Retry).OpenTo(AccessRule.ManageJobs)
            .WithName("RetryJob").WithTags("Jobs").WithSummary("Has a job that failed or was cancelled done again")
            .ProducesProblem(404).ProducesProblem(409);
        api.MapPost("/jobs/{jobId:guid}/cancel", Cancel).OpenTo(AccessRule.ManageJobs)
            .WithName("CancelJob").WithTags("Jobs").WithSummary("Has a job not begun, or stopped where it is")
            .ProducesProblem(404).ProducesProblem(409);
        api.MapDelete("/jobs/{jobId:guid}", Discard).OpenTo(AccessRule.ManageJobs)
            .WithName("DiscardJob").WithTags("Jobs").WithSummary("Removes a job that has ended")
            .ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> Start(
        Body<StartJobRequest> body, HttpContext http, JobControl control, CancellationToken cancel)
    {
        if (body.Problem is { } invalid)
            return invalid;
        var check = new Check(TimeProvider.System);
        var kind = check.Text("kind", body.Value.Kind, 50);
        var key = check.OptionalText(KeyHeader, (string?)http.Request.Headers[KeyHeader], 100);
        var arguments = Arguments(check, body.Value.Arguments);
        if (check.Failed)
            return check.Problem;
        try
        {
            var request = new JobRequest(kind, arguments, Caller.Of(http).Actor, key);
            return Accepted.Of(await control.Submit(request, content: null, cancel));
        }
        catch (JobRefusedException e)
        {
            return Problems.Of(Problems.JobRefused, e.Message);
        }
    }

    internal static JsonElement Arguments(Check check, RawJson? given)
    {
        using var document = JsonDocument.Parse(given?.Text ?? "{}");
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            check.Add("arguments", "is an object.");
        return document.RootElement.Clone();
    }

    private static async Task<Results<Ok<Page<JobView>>, ProblemHttpResult>> List(
        [AsParameters] JobsQuery query, [AsParameters] Paging paging, JobStore jobs, CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var limit = Paging.ReadLimit(check, paging.Limit);
        var before = Pages.Before(check, paging.After);
        var kind = check.OptionalText("kind", query.Kind, 50);
        var state = check.OptionalState<JobState>("state", query.State);
        if (check.Failed)
            return check.Problem;
        var found = await jobs.List(before, state, kind, limit + 1, cancel);
        return TypedResults.Ok(Pages.Newest(found, limit, JobView.Of, job => job.JobId));
    }

    private static Ok<List<JobKindView>> Kinds(JobKinds kinds) => TypedResults.Ok(
        kinds.All.Select(kind => new JobKindView(kind.Name, kind.Description, kind.TakesContent)).ToList());

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> Get(
        Guid jobId, JobStore jobs, CancellationToken cancel) =>
        await jobs.Find(jobId, cancel) is { } job ? TypedResults.Ok(JobView.Of(job)) : Unknown(jobId);

    private static async Task<Results<ServerSentEventsResult<JobView>, ProblemHttpResult>> Follow(
        Guid jobId,
        HttpContext http,
        JobStore jobs,
        KeyRing keys,
        IHostApplicationLifetime lifetime,
        CancellationToken cancel)
    {
        if (await jobs.Find(jobId, cancel) is not { } job)
            return Unknown(jobId);
        // Nginx would keep messages until it has a buffer full of them.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        var caller = Caller.Of(http);
        return TypedResults.ServerSentEvents(
            Changes(job, jobs, () => keys.StillHolds(caller), lifetime.ApplicationStopping, cancel));
    }

    // Until the job has ended, or its caller's key or the server does.
    private static async IAsyncEnumerable<SseItem<JobView>> Changes(
        Job job,
        JobStore jobs,
        Func<ValueTask<bool>> mayGoOn,
        CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        using var look = new PeriodicTimer(Look);
        var told = DateTimeOffset.MinValue;
        while (true)
        {
            if (job.UpdatedAt != told)
                yield return new SseItem<JobView>(JobView.Of(job), "job.updated");
            if (job.State.IsEnded())
                yield break;
            told = job.UpdatedAt;
            await look.WaitForNextTickAsync(cancel);
            if (stopping.IsCancellationRequested || !await mayGoOn())
                yield break;
            if (await jobs.Find(job.JobId, cancel) is not { } next)
                yield break;
            job = next;
        }
    }

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> Fetch(
        Guid jobId, JobStore jobs, CancellationToken cancel)
    {
        if (await jobs.Find(jobId, cancel) is not { } job)
            return Unknown(jobId);
        if (await jobs.OpenResult(job, cancel) is not { } content)
            return Problems.Of(Problems.NotFound, $"Job {jobId} gives nothing back, or has not succeeded.");
        return TypedResults.Stream(content, Text(job, "mediaType"), Text(job, "fileName"));
    }

    private static string? Text(Job job, string name) =>
        job.Result is { ValueKind: JsonValueKind.Object } result && result.TryGetProperty(name, out var text)
            ? text.GetString()
            : null;

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> Retry(
        Guid jobId, JobControl control, JobStore jobs, CancellationToken cancel) =>
        await Changed(jobId, await control.Retry(jobId, cancel), "has not failed and was not cancelled", jobs, cancel);

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> Cancel(
        Guid jobId, JobControl control, JobStore jobs, CancellationToken cancel) =>
        await Changed(jobId, await control.Cancel(jobId, cancel), "has ended already", jobs, cancel);

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> Changed(
        Guid jobId, bool isChanged, string reason, JobStore jobs, CancellationToken cancel) =>
        await jobs.Find(jobId, cancel) is not { } job ? Unknown(jobId)
            : isChanged ? TypedResults.Ok(JobView.Of(job))
            : Problems.Of(Problems.JobState, $"Job {jobId} {reason}: it is {job.State.Word()}.");

    private static async Task<Results<NoContent, ProblemHttpResult>> Discard(
        Guid jobId, JobStore jobs, CancellationToken cancel) =>
        await jobs.Discard(jobId, cancel) ? TypedResults.NoContent()
            : await jobs.Find(jobId, cancel) is { } job
                ? Problems.Of(Problems.JobState, $"Job {jobId} is {job.State.Word()}: cancel it first.")
                : Unknown(jobId);

    private static ProblemHttpResult Unknown(Guid jobId) =>
        Problems.Of(Problems.JobNotFound, $"There is no job {jobId}; jobs that ended are dropped after 30 days.");
}
