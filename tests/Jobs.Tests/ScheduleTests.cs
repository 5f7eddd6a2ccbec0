using System.Text.Json;
using Npgsql;

namespace Bifrost.Jobs.Tests;

/// <summary>Schedules by a clock that the test sets; all hosts go by it.</summary>
public sealed class ScheduleTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestDatabase database = new();
    private readonly SetClock clock = new(new DateTimeOffset(2026, 3, 2, 12, 0, 30, TimeSpan.Zero));
    private readonly List<JobHost> hosts = [];

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        // Those that the product brings along go by the machine's clock.
        await database.Query<long>("WITH gone AS (DELETE FROM work.schedule RETURNING 1) SELECT count(*) FROM gone");
    }

    public async Task DisposeAsync()
    {
        foreach (var host in hosts)
            await host.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task of_two_hosts_one_fires_each_moment()
    {
        var (one, two) = (await Start(), await Start());
        var runs = 0;
        await Set(one, (_, _) =>
        {
            Interlocked.Increment(ref runs);
            return Some.Nothing;
        });
        for (var minute = 1; minute <= 3; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            // Beside their own looking, all at once.
            await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Fire(i % 2 == 0 ? one : two)));
            await Jobs(minute);
            await AllEnd(one);
        }

        var schedule = await Only(two);
        (schedule.LastAt, schedule.NextAt).ShouldBe((At(12, 3), At(12, 4)));
        (schedule.Skipped, runs).ShouldBe((0, 3));
        (await one.Find(schedule.LastJob!.Value)).Schedule.ShouldBe("minutely");
    }

    [Fact]
    public async Task a_host_fires_by_itself_what_another_process_has_set()
    {
        var (one, two) = (await Start(), await Start());
        await one.Stop();
        await Set(two, (_, _) => Some.Nothing);

        clock.Advance(TimeSpan.FromMinutes(1));

        await Jobs(1);
    }

    [Fact]
    public async Task moments_that_were_missed_come_to_one()
    {
        var host = await Start();
        await Set(host, (_, _) => Some.Nothing);

        clock.Advance(TimeSpan.FromHours(5));
        await Fire(host);
        await Fire(host);

        await Jobs(1);
        var schedule = await Only(host);
        (schedule.LastAt, schedule.NextAt, schedule.Skipped).ShouldBe((At(12, 1), At(17, 1), 0));
    }

    [Fact]
    public async Task one_whose_job_has_not_ended_is_passed_over_and_counted()
    {
        var host = await Start();
        var gate = new Gate();
        await Set(host, async (_, cancel) =>
        {
            await gate.Pass(cancel);
            return null;
        });
        clock.Advance(TimeSpan.FromMinutes(1));
        await Fire(host);
        await gate.Reached;
        var first = (await Only(host)).LastJob;

        clock.Advance(TimeSpan.FromMinutes(1));
        await Until(host, schedule => schedule.Skipped == 1);
        clock.Advance(TimeSpan.FromMinutes(1));
        await Until(host, schedule => schedule.Skipped == 2);

        var busy = await Only(host);
        (busy.LastAt, busy.LastJob, busy.NextAt).ShouldBe((At(12, 1), first, At(12, 4)));
        gate.Open();
        await AllEnd(host);
        clock.Advance(TimeSpan.FromMinutes(1));
        await Jobs(2);
        (await Only(host)).Skipped.ShouldBe(2);
    }

    [Fact]
    public async Task a_transaction_that_dies_before_its_commit_has_not_fired()
    {
        var host = await Start();
        await Set(host, (_, _) => Some.Nothing);
        await using var owner = NpgsqlDataSource.Create(database.ConnectionString);
        await using var holding = await owner.OpenConnectionAsync();
        await using (var hold = new NpgsqlCommand("BEGIN; LOCK TABLE work.job IN SHARE ROW EXCLUSIVE MODE", holding))
            await hold.ExecuteNonQueryAsync();
        clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.Is(() => database.Query<bool>(Waits), Patience, () => "Nobody fires.");

        (await database.Query<long>(EndWaiting)).ShouldBeGreaterThan(0);
        await host.Stop();
        await using (var letGo = new NpgsqlCommand("ROLLBACK", holding))
            await letGo.ExecuteNonQueryAsync();

        (await database.Query<long>("SELECT count(*) FROM work.job")).ShouldBe(0);
        (await database.Query<bool>("SELECT last_at IS NULL AND next_at = '2026-03-02 12:01Z' FROM work.schedule"))
            .ShouldBeTrue();
        var next = await Start();
        await Jobs(1);
        (await Only(next)).LastAt.ShouldBe(At(12, 1));
    }

    [Fact]
    public async Task one_that_is_changed_is_due_by_its_new_times_and_one_that_is_removed_never()
    {
        var host = await Start();
        var arguments = ScriptedKind.Add((_, _) => Some.Nothing);
        await Set(host, arguments, "0 15 * * *", "Europe/Berlin");

        (await Only(host)).NextAt.ShouldBe(At(14, 0));
        (await Set(host, arguments, "5 * * * *", "Etc/UTC")).ShouldBe(At(12, 5));
        var changed = await Only(host);
        (changed.Cron, changed.Zone, changed.NextAt).ShouldBe(("5 * * * *", "Etc/UTC", At(12, 5)));
        (await Set(host, arguments, "0 0 30 2 *", "Etc/UTC")).ShouldBeNull();
        clock.Advance(TimeSpan.FromDays(3000));
        (await host.Schedules.Fire(CancellationToken.None)).ShouldBeFalse();

        (await host.Schedules.Remove("minutely", CancellationToken.None)).ShouldBeTrue();
        (await host.Schedules.Remove("minutely", CancellationToken.None)).ShouldBeFalse();
        (await host.Schedules.List(CancellationToken.None)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("unheard-of", """{"script": "x"}""", "There are no jobs of the kind 'unheard-of'")]
    [InlineData("scripted", "{}", "script is required.")]
    [InlineData("scripted", """{"script": "\u0000"}""", "The arguments cannot be kept")]
    [InlineData("scripted-content", """{"script": "x"}""", "A job of the kind scripted-content needs content")]
    public async Task one_whose_job_would_be_refused_is_refused(string kind, string arguments, string said)
    {
        var host = await Start();
        var schedule = new Schedule("refused", kind, Some.Json(arguments), "@daily", "Etc/UTC", JobHost.Owner);

        var refused = await Should.ThrowAsync<JobRefusedException>(
            () => host.Schedules.Set(schedule, CancellationToken.None));

        refused.Message.ShouldStartWith(said);
        (await host.Schedules.List(CancellationToken.None)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("every day", "Etc/UTC")]
    [InlineData("@daily", "Europe/Bielefeld")]
    public async Task one_that_this_server_cannot_read_keeps_no_other_from_being_fired(string cron, string zone)
    {
        var host = await Start();
        await Set(host, (_, _) => Some.Nothing);
        await database.Query<int>(
            $"""
            WITH odd AS (
                INSERT INTO work.schedule (name, kind, arguments, cron, zone, owner, next_at)
                SELECT 'odd', kind, arguments, '{cron}', '{zone}', owner, next_at - interval '5 seconds'
                FROM work.schedule RETURNING 1)
            SELECT count(*)::int FROM odd
            """);

        clock.Advance(TimeSpan.FromMinutes(1));

        await Eventually.Is(
            () => database.Query<bool>("SELECT last_at IS NOT NULL FROM work.schedule WHERE name = 'minutely'"),
            Patience,
            () => "The other one is not fired.");
        (await database.Query<bool>("SELECT next_at IS NULL FROM work.schedule WHERE name = 'odd'")).ShouldBeTrue();
        await host.Ended((await host.Submit((_, _) => Some.Nothing)).JobId);
    }

    // Whoever waits to insert a job.
    private const string Waits =
        """
        SELECT EXISTS (
            SELECT FROM pg_locks
            WHERE NOT granted AND locktype = 'relation' AND relation = 'work.job'::regclass
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        """;

    private const string EndWaiting =
        """
        SELECT count(pg_terminate_backend(pid)) FROM pg_locks
        WHERE NOT granted AND locktype = 'relation' AND relation = 'work.job'::regclass
        """;

    private static DateTimeOffset At(int hour, int minute) => new(2026, 3, 2, hour, minute, 0, TimeSpan.Zero);

    private async Task<JobHost> Start()
    {
        var host = await JobHost.Start(database.ConnectionString, clock);
        hosts.Add(host);
        return host;
    }

    private static async Task Fire(JobHost host)
    {
        while (await host.Schedules.Fire(CancellationToken.None))
        {
            // As many as are due.
        }
    }

    private static Task<DateTimeOffset?> Set(JobHost host, Script script) =>
        Set(host, ScriptedKind.Add(script), "* * * * *", "Etc/UTC");

    private static Task<DateTimeOffset?> Set(JobHost host, JsonElement arguments, string cron, string zone) =>
        host.Schedules.Set(
            new Schedule("minutely", ScriptedKind.Plain, arguments, cron, zone, JobHost.Owner),
            CancellationToken.None);

    private static async Task<Schedule> Only(JobHost host) =>
        (await host.Schedules.List(CancellationToken.None)).ShouldHaveSingleItem();

    private static Task Until(JobHost host, Func<Schedule, bool> isDue) => Eventually.Is(
        async () => isDue(await Only(host)), Patience, () => "The schedule does not come to it.");

    private Task Jobs(int count) => Eventually.Is(
        async () => await database.Query<long>("SELECT count(*) FROM work.job") == count,
        Patience,
        () => $"There are not {count} jobs.");

    private static Task AllEnd(JobHost host) => Eventually.Is(
        async () => (await host.Store.List(null, null, null, 100, CancellationToken.None))
            .TrueForAll(job => job.State.IsEnded()),
        Patience,
        () => "Jobs do not end.");

    /// <summary>A clock that stands still until the test moves it; waits are as long as they are.</summary>
    private sealed class SetClock(DateTimeOffset now) : TimeProvider
    {
        private readonly Lock moving = new();
        private DateTimeOffset now = now;

        public override DateTimeOffset GetUtcNow()
        {
            lock (moving)
                return now;
        }

        public void Advance(TimeSpan by)
        {
            lock (moving)
                now += by;
        }
    }
}
