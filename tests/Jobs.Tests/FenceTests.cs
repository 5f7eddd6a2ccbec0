namespace Bifrost.Jobs.Tests;

/// <summary>A job that is done by two, because one was taken for dead, is done once.</summary>
public sealed class FenceTests(OneHost one) : IClassFixture<OneHost>
{
    private readonly JobHost host = one.Host;

    [Fact]
    public async Task who_has_lost_a_job_changes_nothing_of_it()
    {
        var asked = await Unsent((_, _) => Some.Nothing);
        var first = await Claim(asked);
        var second = await Claim(asked);

        (await host.Store.Tell(first, new JobContext.Progress("late", 1, 2), CancellationToken.None)).ShouldBeNull();
        (await host.Store.Save(first, Some.Json(1), CancellationToken.None)).ShouldBeFalse();
        (await host.Store.End(first, JobState.Failed, null, "late", Said("late"))).ShouldBeFalse();
        await host.Control.GiveBack(first, failures: 3, "late", TimeSpan.Zero);

        var running = await host.Find(asked);
        (running.State, running.Attempt, running.Node, running.Stage, running.Problem)
            .ShouldBe((JobState.Running, 2, "two", null, null));
        (await host.Store.Save(second, Some.Json(2), CancellationToken.None)).ShouldBeTrue();
        (await host.Store.End(second, JobState.Succeeded, null, null, Said("done"))).ShouldBeTrue();
        (await host.Store.End(second, JobState.Failed, null, "again", Said("again"))).ShouldBeFalse();
        (await host.Find(asked)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task who_has_lost_a_job_is_stopped_and_the_other_one_ends_it()
    {
        var (first, second) = (new Gate(), new Gate());
        var stopped = new TaskCompletionSource();
        var asked = await Unsent(async (job, cancel) =>
        {
            if (job.Checkpoint is not null)
            {
                await second.Pass(cancel);
                return Some.Json("\"second\"");
            }
            await job.Save(Some.Json(1), cancel);
            using var noted = cancel.Register(stopped.SetResult);
            await first.Pass(CancellationToken.None);
            return Some.Json("\"first\"");
        });
        var early = host.Runner.Run(await Claim(asked));
        await first.Reached;

        // As another node takes it, when its own was taken for dead.
        var late = host.Runner.Run(await Claim(asked));
        await second.Reached;
        await stopped.Task;
        // It took no notice, and comes to its end.
        first.Open();
        await early;
        (await host.Find(asked)).State.ShouldBe(JobState.Running);
        second.Open();
        await late;

        var done = await host.Find(asked);
        (done.State, done.Attempt, done.Result!.Value.GetString()).ShouldBe((JobState.Succeeded, 2, "second"));
    }

    [Fact]
    public async Task who_has_lost_a_job_learns_it_where_it_saves_at_the_latest()
    {
        var gate = new Gate();
        Exception? learned = null;
        var asked = await Unsent(async (job, cancel) =>
        {
            await gate.Pass(CancellationToken.None);
            learned = await Record.ExceptionAsync(() => job.Save(Some.Json(1), CancellationToken.None));
            throw learned!;
        });
        var early = host.Runner.Run(await Claim(asked));
        await gate.Reached;

        var second = await Claim(asked);
        gate.Open();
        await early;

        learned.ShouldBeOfType<OperationCanceledException>();
        (await host.Store.Tell(second, Said("on"), CancellationToken.None)).ShouldBe(false);
    }

    [Fact]
    public async Task of_many_that_look_for_work_at_the_same_time_each_takes_another_job()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        await using var idle = await JobHost.Start(database.ConnectionString, works: false);
        var asked = new List<Guid>();
        for (var i = 0; i < 8; i++)
            asked.Add((await idle.Submit((_, _) => Some.Nothing)).JobId);

        var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(
            i => idle.Store.Claim($"{i}", TimeSpan.FromDays(1), CancellationToken.None)));

        claims.OfType<Claim>().Select(claim => claim.JobId).ShouldBe(asked, ignoreOrder: true);
        (await idle.Store.Claim("late", TimeSpan.FromDays(1), CancellationToken.None)).ShouldBeNull();
        // Of those nothing has been heard for no time at all.
        (await idle.Store.Claim("other", TimeSpan.Zero, CancellationToken.None)).ShouldNotBeNull().Attempt.ShouldBe(2);
    }

    private static JobContext.Progress Said(string stage) => new(stage, null, null);

    private Task<Claim> Claim(Guid jobId) => UnsentJob.Take(one.Database, jobId);

    private Task<Guid> Unsent(Script script) => UnsentJob.In(one.Database, script);
}
