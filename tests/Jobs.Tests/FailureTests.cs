using System.Text.Json;
using Npgsql;

namespace Bifrost.Jobs.Tests;

/// <summary>What becomes of a job that breaks.</summary>
public sealed class FailureTests(OneHost one) : IClassFixture<OneHost>
{
    private readonly JobHost host = one.Host;

    public static TheoryData<Exception> Passing() =>
    [
        new IOException("The disk is busy."), new TimeoutException("Too slow."), new HttpRequestException("No route."),
        new NpgsqlException("Away.", new IOException("Reset.")),
    ];

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task what_may_pass_is_tried_again(Exception failure)
    {
        var asked = await host.Submit(async (job, cancel) =>
        {
            if (job.Checkpoint is { } kept)
                return kept;
            await job.Save(Some.Json(new { tried = 1 }), cancel);
            throw failure;
        });

        var done = await host.Ended(asked.JobId);

        (done.State, done.Attempt, done.Problem).ShouldBe((JobState.Succeeded, 2, null));
    }

    [Fact]
    public async Task what_does_not_pass_has_failed_for_its_last_reason_after_the_sixth_time()
    {
        var attempt = 0;
        var asked = await host.Submit(
            (_, _) => throw new IOException($"Away, {Interlocked.Increment(ref attempt)}."));

        var failed = await host.Ended(asked.JobId);

        (failed.State, failed.Attempt, failed.Problem).ShouldBe((JobState.Failed, 6, "Away, 6."));
    }

    [Fact]
    public async Task what_ends_its_node_again_and_again_has_failed()
    {
        var begun = false;
        var asked = await UnsentJob.In(one.Database, (_, _) =>
        {
            begun = true;
            return Some.Nothing;
        });
        await one.Database.Query<int>(
            $"""
            UPDATE work.job SET state = 'running', failures = 5, updated_at = now() - interval '1 minute'
            WHERE job_id = '{asked}' RETURNING 1
            """);

        var failed = await host.Ended(asked);

        (failed.State, begun, failed.Problem).ShouldBe(
            (JobState.Failed, false, "Its node ended in the middle of it, time after time."));
    }

    [Fact]
    public async Task somebody_who_has_it_retried_gives_it_all_its_tries_again()
    {
        var isThere = false;
        var asked = await host.Submit((job, _) =>
            isThere || job.Checkpoint is not null ? Some.Nothing : throw new IOException("Away."));
        await host.Ended(asked.JobId);
        (await one.Database.Query<int>($"SELECT failures FROM work.job WHERE job_id = '{asked.JobId}'")).ShouldBe(5);

        isThere = true;
        await host.Control.Retry(asked.JobId, CancellationToken.None);
        await host.Ended(asked.JobId);

        (await one.Database.Query<int>($"SELECT failures FROM work.job WHERE job_id = '{asked.JobId}'")).ShouldBe(0);
    }

    public static TheoryData<Exception> Lasting() =>
        [new JobFailedException("It is wrong."), new InvalidOperationException("It is wrong.")];

    [Theory]
    [MemberData(nameof(Lasting))]
    public async Task what_would_fail_again_just_so_has_failed_at_once(Exception failure)
    {
        var asked = await host.Submit((_, _) => throw failure);

        var failed = await host.Ended(asked.JobId);

        (failed.State, failed.Attempt, failed.Problem).ShouldBe((JobState.Failed, 1, "It is wrong."));
    }

    [Fact]
    public async Task a_kind_that_this_server_does_not_know_any_more_fails_and_says_so()
    {
        var asked = await host.Submit(async (job, cancel) =>
        {
            await one.Database.Query<int>(
                $"UPDATE work.job SET kind = 'of-yesterday' WHERE job_id = '{job.JobId}' RETURNING 1");
            throw new IOException("Again.");
        });

        var failed = await host.Ended(asked.JobId);

        (failed.State, failed.Problem).ShouldBe(
            (JobState.Failed, "This server knows no jobs of the kind of-yesterday."));
    }

    [Fact]
    public async Task a_problem_that_the_database_cannot_keep_to_the_letter_is_kept_all_the_same()
    {
        var half = '\uD83D';
        var asked = await host.Submit((job, _) =>
        {
            job.Report($"reading \0 and {half}");
            throw new JobFailedException($"a NUL \0 and {half}, half a pair");
        });

        var failed = await host.Ended(asked.JobId);

        (failed.State, failed.Attempt).ShouldBe((JobState.Failed, 1));
        failed.Problem.ShouldBe("a NUL \uFFFD and \uFFFD, half a pair");
        failed.Stage.ShouldBe("reading \uFFFD and \uFFFD");
    }

    [Theory]
    [InlineData("""{"text": "a\u0000b"}""")]
    [InlineData("""{"text": "\ud83d"}""")]
    public async Task a_result_that_the_database_cannot_keep_fails_the_job_once(string result)
    {
        var asked = await host.Submit((_, _) => Task.FromResult<JsonElement?>(Some.Json(result)));

        var failed = await host.Ended(asked.JobId);

        (failed.State, failed.Attempt).ShouldBe((JobState.Failed, 1));
        failed.Problem.ShouldNotBeNull().ShouldStartWith("What came of it cannot be kept: ");
    }

    [Fact]
    public async Task a_stage_longer_than_is_kept_is_cut_and_does_not_keep_the_job_from_its_end()
    {
        var gate = new Gate();
        var asked = await host.Submit(async (job, cancel) =>
        {
            job.Report($"{new string('x', 250)}", 1);
            await gate.Pass(cancel);
            return null;
        });

        var running = await host.Until(asked.JobId, job => job.Stage is not null);
        gate.Open();
        var done = await host.Ended(asked.JobId);

        running.Stage.ShouldBe(new string('x', 200));
        (done.State, done.Attempt).ShouldBe((JobState.Succeeded, 1));
    }
}
