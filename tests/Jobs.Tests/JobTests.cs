using System.Text.Json;

namespace Bifrost.Jobs.Tests;

/// <summary>A job from being asked for to its end.</summary>
public sealed class JobTests(OneHost one) : IClassFixture<OneHost>
{
    private readonly JobHost host = one.Host;

    [Fact]
    public async Task a_job_is_done_and_says_what_came_of_it()
    {
        var asked = await host.Submit((job, _) => Result(new { of = job.Owner }));

        var done = await host.Ended(asked.JobId);

        asked.Owner.ShouldBe(JobHost.Owner);
        (done.State, done.Attempt, done.Problem).ShouldBe((JobState.Succeeded, 1, null));
        done.Result!.Value.GetRawText().ShouldBe("""{"of": "tester"}""");
        (done.StartedAt >= done.CreatedAt, done.FinishedAt >= done.StartedAt).ShouldBe((true, true));
        done.Node.ShouldBe($"{Environment.MachineName}/{Environment.ProcessId}");
    }

    [Fact]
    public async Task a_job_waits_where_nobody_does_jobs()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        await using var idle = await JobHost.Start(database.ConnectionString, works: false);

        var asked = await idle.Submit((_, _) => Some.Nothing);

        (asked.State, asked.Attempt, asked.Owner).ShouldBe((JobState.Queued, 0, JobHost.Owner));
    }

    [Fact]
    public async Task a_job_may_have_nothing_to_say()
    {
        var asked = await host.Submit((_, _) => Some.Nothing);

        (await host.Ended(asked.JobId)).Result.ShouldBeNull();
    }

    [Fact]
    public async Task how_far_it_is_shows_while_it_runs_and_stays_when_it_has_ended()
    {
        var gate = new Gate();
        var asked = await host.Submit(async (job, cancel) =>
        {
            job.Report("counting sheep", 3, 7);
            await gate.Pass(cancel);
            job.Report("waking up", 7);
            return null;
        });

        var running = await host.Until(asked.JobId, job => job.Stage is not null);
        gate.Open();
        var done = await host.Ended(asked.JobId);

        (running.State, running.Stage, running.Done, running.Total)
            .ShouldBe((JobState.Running, "counting sheep", 3, 7));
        (done.Stage, done.Done, done.Total).ShouldBe(("waking up", 7, null));
    }

    [Fact]
    public async Task a_job_asked_for_twice_with_one_key_is_one_job()
    {
        var runs = 0;
        var request = new JobRequest(ScriptedKind.Plain, ScriptedKind.Add(Counted), JobHost.Owner, "once");

        var asked = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => host.Submit(request)));
        await host.Ended(asked[0].JobId);
        var late = await host.Submit(request);

        asked.Append(late).Select(job => job.JobId).Distinct().ShouldHaveSingleItem();
        late.State.ShouldBe(JobState.Succeeded);
        runs.ShouldBe(1);

        Task<JsonElement?> Counted(JobContext job, CancellationToken cancel)
        {
            Interlocked.Increment(ref runs);
            return Some.Nothing;
        }
    }

    [Fact]
    public async Task the_key_of_another_job_is_refused_but_not_that_of_another_owner()
    {
        var first = await host.Submit((_, _) => Some.Nothing, "taken");

        var refused = await Should.ThrowAsync<JobRefusedException>(() => host.Submit((_, _) => Some.Nothing, "taken"));
        var of = new JobRequest(ScriptedKind.Plain, ScriptedKind.Add((_, _) => Some.Nothing), "another", "taken");
        var other = await host.Submit(of);

        refused.Message.ShouldBe("The key 'taken' was used for another job.");
        other.JobId.ShouldNotBe(first.JobId);
    }

    [Theory]
    [InlineData("unheard-of", "{}", "There are no jobs of the kind 'unheard-of', but of: scripted, scripted-content.")]
    [InlineData("scripted", "{}", "script is required.")]
    [InlineData("scripted", "[]", "The arguments of a job are an object.")]
    [InlineData("scripted", "3", "The arguments of a job are an object.")]
    [InlineData("scripted", """{"script": "a\u0000b"}""", "The arguments cannot be kept: a text in it has a NUL.")]
    [InlineData("scripted", """{"script": "\ud800"}""", "The arguments cannot be kept: a text in it is not ")]
    [InlineData("scripted", """{"script": {"\ud800": 1}}""", "The arguments cannot be kept: a text in it is not ")]
    [InlineData("scripted", """{"script": [{"\u0000": 1}]}""", "The arguments cannot be kept: a text in it has a ")]
    [InlineData("scripted", """{"script": 1e200000}""", "The arguments cannot be kept: a number in it is out of ")]
    [InlineData("scripted", """{"script": 1e-20000}""", "The arguments cannot be kept: a number in it is out of ")]
    public async Task what_is_not_well_formed_is_refused_in_a_sentence(string kind, string arguments, string said)
    {
        var request = new JobRequest(kind, Some.Json(arguments), JobHost.Owner);

        var refused = await Should.ThrowAsync<JobRefusedException>(() => host.Submit(request));

        refused.Message.ShouldStartWith(said);
    }

    [Fact]
    public async Task jobs_are_listed_from_the_newest_on_in_pages_by_state_and_kind()
    {
        var asked = new List<Guid>();
        foreach (var fails in new[] { false, true, false, true })
        {
            var job = await host.Submit((_, _) => fails ? throw new JobFailedException("No.") : Some.Nothing);
            await host.Ended(job.JobId);
            asked.Insert(0, job.JobId);
        }

        var all = await host.Store.List(before: null, state: null, kind: null, 4, CancellationToken.None);
        var next = await host.Store.List(asked[1], state: null, ScriptedKind.Plain, 2, CancellationToken.None);
        var failed = await host.Store.List(asked[0], JobState.Failed, kind: null, 1, CancellationToken.None);
        var none = await host.Store.List(before: null, state: null, "export", 1, CancellationToken.None);

        all.Select(job => job.JobId).ShouldBe(asked);
        next.Select(job => job.JobId).ShouldBe(asked[2..]);
        failed.Select(job => job.JobId).ShouldBe([asked[2]]);
        none.ShouldBeEmpty();
    }

    private static Task<JsonElement?> Result(object value) =>
        Task.FromResult<JsonElement?>(Some.Json(value));
}
