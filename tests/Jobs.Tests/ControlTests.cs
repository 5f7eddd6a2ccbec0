using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Jobs.Tests;

/// <summary>What may become of a job that was asked for.</summary>
public sealed class ControlTests(OneHost one) : IClassFixture<OneHost>
{
    private readonly JobHost host = one.Host;

    [Fact]
    public async Task a_queued_job_that_is_cancelled_is_not_begun()
    {
        var begun = false;
        var asked = await Unsent((_, _) =>
        {
            begun = true;
            return Some.Nothing;
        });

        (await host.Control.Cancel(asked, CancellationToken.None)).ShouldBeTrue();
        await one.Database.Query<int>($"UPDATE work.job SET due_at = now() WHERE job_id = '{asked}' RETURNING 1");
        await host.Ended((await host.Submit((_, _) => Some.Nothing)).JobId);

        var job = await host.Find(asked);
        (job.State, job.Attempt, begun).ShouldBe((JobState.Cancelled, 0, false));
        job.FinishedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task a_flood_of_false_word_that_jobs_wait_hinders_no_job()
    {
        const string Flood =
            "SELECT count(pg_notify('work_job', repeat('x', 7000))) FROM generate_series(1, 100)";
        var settings = ModuleRoles.As("web_portal_user", one.Database.ConnectionString, "");
        await using var portal = NpgsqlDataSource.Create(settings.ConnectionString);
        var flood = portal.CreateCommand(Flood);
        await flood.ExecuteNonQueryAsync();

        for (var i = 0; i < 20; i++)
        {
            var asked = await host.Submit((_, _) => Some.Nothing);
            await flood.ExecuteNonQueryAsync();
            (await host.Ended(asked.JobId)).State.ShouldBe(JobState.Succeeded);
        }
    }

    [Fact]
    public async Task a_running_job_that_is_cancelled_stops_where_it_is()
    {
        var gate = new Gate();
        var asked = await host.Submit(async (job, cancel) =>
        {
            await gate.Pass(cancel);
            return null;
        });
        await gate.Reached;

        (await host.Control.Cancel(asked.JobId, CancellationToken.None)).ShouldBeTrue();

        var job = await host.Ended(asked.JobId);
        (job.State, job.IsCancelRequested, job.Problem).ShouldBe((JobState.Cancelled, false, null));
    }

    [Fact]
    public async Task a_job_that_breaks_as_it_is_cancelled_is_cancelled_and_has_not_failed()
    {
        var gate = new Gate();
        var asked = await host.Submit(async (job, cancel) =>
        {
            try
            {
                await gate.Pass(cancel);
            }
            catch (OperationCanceledException e)
            {
                throw new InvalidOperationException("What it worked with was taken away.", e);
            }
            return null;
        });
        await gate.Reached;

        await host.Control.Cancel(asked.JobId, CancellationToken.None);

        (await host.Ended(asked.JobId)).State.ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public async Task a_job_that_is_cancelled_while_it_waits_to_be_tried_again_is_not()
    {
        var asked = await Unsent((_, _) => throw new IOException("Away."));
        var claim = await UnsentJob.Take(one.Database, asked);

        await host.Control.Cancel(asked, CancellationToken.None);
        await host.Control.GiveBack(claim, failures: 1, "Away.", TimeSpan.FromDays(1));

        (await host.Find(asked)).State.ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public async Task what_has_ended_can_be_neither_cancelled_nor_where_it_succeeded_retried()
    {
        var asked = await host.Submit((_, _) => Some.Nothing);
        await host.Ended(asked.JobId);

        (await host.Control.Cancel(asked.JobId, CancellationToken.None)).ShouldBeFalse();
        (await host.Control.Retry(asked.JobId, CancellationToken.None)).ShouldBeFalse();
        (await host.Control.Retry(Guid.NewGuid(), CancellationToken.None)).ShouldBeFalse();
        (await host.Find(asked.JobId)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task a_failed_job_that_is_retried_goes_on_from_where_it_came_to()
    {
        var asked = await host.Submit(async (job, cancel) =>
        {
            if (job.Checkpoint is { } kept)
                return kept;
            await job.Save(Some.Json(new { page = 3 }), cancel);
            throw new JobFailedException("Page 4 is missing.");
        });
        var failed = await host.Ended(asked.JobId);

        (await host.Control.Retry(asked.JobId, CancellationToken.None)).ShouldBeTrue();
        var done = await host.Ended(asked.JobId);

        (failed.State, failed.Problem).ShouldBe((JobState.Failed, "Page 4 is missing."));
        (done.State, done.Problem, done.Attempt).ShouldBe((JobState.Succeeded, null, 2));
        done.Result!.Value.GetRawText().ShouldBe("""{"page": 3}""");
    }

    [Fact]
    public async Task a_running_job_cannot_be_retried_nor_discarded()
    {
        var gate = new Gate();
        var asked = await host.Submit(async (job, cancel) =>
        {
            await gate.Pass(cancel);
            return null;
        });
        await gate.Reached;

        (await host.Control.Retry(asked.JobId, CancellationToken.None)).ShouldBeFalse();
        (await host.Store.Discard(asked.JobId, CancellationToken.None)).ShouldBeFalse();

        gate.Open();
        (await host.Ended(asked.JobId)).Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task a_discarded_job_is_gone()
    {
        var asked = await host.Submit((_, _) => Some.Nothing);
        await host.Ended(asked.JobId);

        (await host.Store.Discard(asked.JobId, CancellationToken.None)).ShouldBeTrue();

        (await host.Store.Find(asked.JobId, CancellationToken.None)).ShouldBeNull();
        (await host.Store.Discard(asked.JobId, CancellationToken.None)).ShouldBeFalse();
    }

    [Fact]
    public async Task only_what_ended_long_ago_is_dropped()
    {
        var asked = await host.Submit((_, _) => Some.Nothing);
        await host.Ended(asked.JobId);
        var old = await Unsent((_, _) => Some.Nothing);
        await one.Database.Query<int>(
            $"""
            UPDATE work.job SET state = 'failed', finished_at = now() - interval '31 days' WHERE job_id = '{old}'
            RETURNING 1
            """);

        (await host.Store.DiscardEnded(TimeSpan.FromDays(30), CancellationToken.None)).ShouldBe(1);

        (await host.Store.Find(old, CancellationToken.None)).ShouldBeNull();
        await host.Find(asked.JobId);
    }

    [Fact]
    public async Task cancelled_and_retried_again_and_again_it_is_begun_once()
    {
        // Two jobs are all that the host does at a time, so that the one in question waits.
        var (gate, other) = (new Gate(), new Gate());
        var before = new[] { await Holding(gate), await Holding(other) };
        await Task.WhenAll(gate.Reached, other.Reached);
        var last = new Gate();
        var asked = await Holding(last);

        for (var i = 0; i < 3; i++)
        {
            (await host.Control.Cancel(asked.JobId, CancellationToken.None)).ShouldBeTrue();
            (await host.Control.Retry(asked.JobId, CancellationToken.None)).ShouldBeTrue();
        }
        gate.Open();
        other.Open();
        await last.Reached;
        // Whoever would take it once more has done so before a later one is taken.
        await host.Ended((await host.Submit((_, _) => Some.Nothing)).JobId);
        last.Open();

        (await host.Ended(asked.JobId)).Attempt.ShouldBe(1);
        foreach (var job in before)
            (await host.Ended(job.JobId)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task whoever_pulls_at_a_job_at_the_same_time_it_ends_in_one_way_or_is_gone()
    {
        for (var round = 0; round < 20; round++)
        {
            var asked = await host.Submit((_, _) => throw new JobFailedException("No."));
            await host.Ended(asked.JobId);

            var did = await Task.WhenAll(
                host.Control.Retry(asked.JobId, CancellationToken.None),
                host.Control.Cancel(asked.JobId, CancellationToken.None),
                host.Store.Discard(asked.JobId, CancellationToken.None),
                host.Control.Retry(asked.JobId, CancellationToken.None));

            var isGone = await host.Store.Find(asked.JobId, CancellationToken.None) is null;
            isGone.ShouldBe(did[2]);
            if (!isGone)
                (await host.Ended(asked.JobId)).State.ShouldBeOneOf(JobState.Failed, JobState.Cancelled);
        }
    }

    private Task<Job> Holding(Gate gate) => host.Submit(async (_, cancel) =>
    {
        await gate.Pass(cancel);
        return null;
    });

    private Task<Guid> Unsent(Script script) => UnsentJob.In(one.Database, script);
}
