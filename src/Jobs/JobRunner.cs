using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Jobs;

/// <summary>How fast jobs are told and tried.</summary>
/// <param name="Period">How late a job learns that it is to stop, and others how far it is.</param>
/// <param name="Waits">Behind each failure whose cause may pass; after the last one the job has failed.</param>
internal sealed record JobPace(TimeSpan Period, IReadOnlyList<TimeSpan> Waits)
{
    public static JobPace Usual { get; } = new(
        TimeSpan.FromSeconds(1),
        [
            TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2),
            TimeSpan.FromMinutes(10),
        ]);
}

/// <summary>Does the jobs that this node has taken.</summary>
internal sealed class JobRunner(
    JobStore store,
    JobControl control,
    JobKinds kinds,
    JobPace pace,
    IHostApplicationLifetime lifetime,
    ILogger<JobRunner> logger)
{
    /// <summary>Does a job that this node has taken, and has its row say what came of it.</summary>
    public async Task Run(Claim claim)
    {
        logger.LogInformation("Job {JobId}, {Kind}: attempt {Attempt}", claim.JobId, claim.Kind, claim.Attempt);
        var context = new JobContext(store, claim);
        if (kinds.Find(claim.Kind) is not { } kind)
        {
            await End(context, claim, JobState.Failed, problem: $"This server knows no jobs of the kind {claim.Kind}.");
            return;
        }
        if (claim.Failures > pace.Waits.Count)
        {
            // Whatever it is that ends them: it is not to go on from node to node.
            await End(context, claim, JobState.Failed, problem: "Its node ended in the middle of it, time after time.");
            return;
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        using var over = new CancellationTokenSource();
        var telling = KeepTelling(claim, context, stop, over.Token);
        var outcome = await Outcome(kind, context, stop.Token);
        await over.CancelAsync();
        await Settle(claim, context, outcome, await telling);
    }

    private static async Task<(JsonElement? Result, Exception? Failure)> Outcome(
        IJobKind kind, JobContext context, CancellationToken cancel)
    {
        try
        {
            return (await kind.Run(context, cancel), null);
        }
        catch (Exception e)
        {
            // It is told by the job's row, whatever it is.
            return (null, e);
        }
    }

    // The job has stopped, for one reason or another.
    private async Task Settle(
        Claim claim, JobContext context, (JsonElement? Result, Exception? Failure) outcome, Interest interest)
    {
        switch (outcome.Failure)
        {
            case null when outcome.Result is { } result && JobJson.ProblemWith(result) is { } odd:
                await End(context, claim, JobState.Failed, problem: $"What came of it cannot be kept: {odd}.");
                break;
            case null:
                await End(context, claim, JobState.Succeeded, outcome.Result);
                break;
            case JobFailedException failure:
                await End(context, claim, JobState.Failed, problem: failure.Message);
                break;
            // From here on it was stopped: what it breaks with then is not always that it was cancelled.
            case not null when interest == Interest.Lost:
                logger.LogWarning("Job {JobId} was taken over by another node", claim.JobId);
                break;
            case not null when interest == Interest.Cancelled:
                await End(context, claim, JobState.Cancelled);
                break;
            case not null when lifetime.ApplicationStopping.IsCancellationRequested:
                await control.GiveBack(claim, claim.Failures, problem: null, TimeSpan.Zero);
                break;
            case var failure when MayPass(failure) && claim.Failures < pace.Waits.Count:
                logger.LogWarning(failure, "Job {JobId}, {Kind} is tried again", claim.JobId, claim.Kind);
                await control.GiveBack(claim, claim.Failures + 1, failure.Message, pace.Waits[claim.Failures]);
                break;
            case var failure:
                logger.LogError(failure, "Job {JobId}, {Kind} failed", claim.JobId, claim.Kind);
                await End(context, claim, JobState.Failed, problem: failure.Message);
                break;
        }
    }

    private static bool MayPass(Exception failure) => failure
        is NpgsqlException { IsTransient: true } or TimeoutException or HttpRequestException or IOException;

    private async Task End(
        JobContext context, Claim claim, JobState state, JsonElement? result = null, string? problem = null)
    {
        if (await store.End(claim, state, result, problem, context.Latest))
            logger.LogInformation("Job {JobId}, {Kind}: {State}", claim.JobId, claim.Kind, state.Word());
    }

    // Writes how far the job is, and stops it where nobody wants it done by this node any more.
    private async Task<Interest> KeepTelling(
        Claim claim, JobContext context, CancellationTokenSource stop, CancellationToken over)
    {
        using var period = new PeriodicTimer(pace.Period);
        while (true)
        {
            try
            {
                await period.WaitForNextTickAsync(over);
                if (await store.Tell(claim, context.Latest, over) is not { } isCancelled)
                    return await Stop(stop, Interest.Lost);
                if (isCancelled)
                    return await Stop(stop, Interest.Cancelled);
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                return Interest.Kept;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                // The job goes on: it meets the same outage itself where it needs the database.
                logger.LogWarning(e, "Job {JobId}: its progress could not be written", claim.JobId);
            }
        }
    }

    private static async Task<Interest> Stop(CancellationTokenSource stop, Interest interest)
    {
        await stop.CancelAsync();
        return interest;
    }

    private enum Interest
    {
        Kept,

        /// <summary>Another node does it.</summary>
        Lost,

        Cancelled,
    }
}
