using Npgsql;

namespace Bifrost.Jobs.Tests;

/// <summary>Jobs outlive the host that does them, and the connections that it does them by.</summary>
public sealed class HandoverTests : IAsyncLifetime
{
    private readonly TestDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task a_host_that_is_stopped_gives_its_job_back_and_another_goes_on_with_it()
    {
        var (begun, over) = (new Gate(), new Gate());
        await using var one = await JobHost.Start(database.ConnectionString);
        var asked = await one.Submit(async (job, cancel) =>
        {
            if (job.Checkpoint is { } kept)
            {
                await over.Pass(cancel);
                return kept;
            }
            await job.Save(Some.Json(new { came = "half way" }), cancel);
            await begun.Pass(cancel);
            return null;
        });
        await begun.Reached;

        await one.Stop();

        (await database.Query<string>($"SELECT state || ' ' || failures FROM work.job WHERE job_id = '{asked.JobId}'"))
            .ShouldBe("queued 0");
        await using var two = await JobHost.Start(database.ConnectionString);
        await over.Reached;
        over.Open();
        var done = await two.Ended(asked.JobId);
        (done.State, done.Attempt, done.Problem).ShouldBe((JobState.Succeeded, 2, null));
        done.Result!.Value.GetRawText().ShouldBe("""{"came": "half way"}""");
    }

    [Fact]
    public async Task a_job_that_breaks_as_its_host_stops_is_given_back_and_has_not_failed()
    {
        var begun = new Gate();
        await using var one = await JobHost.Start(database.ConnectionString);
        var asked = await one.Submit(async (_, cancel) =>
        {
            try
            {
                await begun.Pass(cancel);
            }
            catch (OperationCanceledException e)
            {
                throw new InvalidOperationException("What it worked with was taken away.", e);
            }
            return null;
        });
        await begun.Reached;

        await one.Stop();

        (await database.Query<string>($"SELECT state FROM work.job WHERE job_id = '{asked.JobId}'")).ShouldBe("queued");
    }

    [Fact]
    public async Task a_job_survives_that_the_database_is_away_for_a_while()
    {
        var server = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await using var door = new Door($"{server.Host}:{server.Port}");
        (server.Host, server.Port) = ("127.0.0.1", door.Port);
        await using var host = await JobHost.Start(server.ConnectionString);
        // Looks past the door: connections that were cut fail once more when they are next used.
        await using var observer = await JobHost.Start(database.ConnectionString, works: false);
        var begun = new Gate();
        var away = new TaskCompletionSource<Exception>();
        var asked = await host.Submit(async (job, cancel) =>
        {
            if (job.Checkpoint is { } kept)
                return kept;
            await job.Save(Some.Json(new { saved = "before" }), cancel);
            await begun.Pass(cancel);
            away.SetResult(await Record.ExceptionAsync(
                () => job.Save(Some.Json(new { saved = "while it is away" }), cancel)));
            throw await away.Task;
        });
        await begun.Reached;

        door.Shut();
        begun.Open();
        (await away.Task).ShouldBeAssignableTo<NpgsqlException>();
        door.Open();

        var done = await observer.Ended(asked.JobId);
        (done.State, done.Attempt > 1).ShouldBe((JobState.Succeeded, true));
        done.Result!.Value.GetRawText().ShouldBe("""{"saved": "before"}""");
    }
}
