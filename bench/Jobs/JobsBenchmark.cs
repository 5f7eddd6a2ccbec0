using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Json;
using Npgsql;

namespace Bifrost.Bench.Jobs;

/// <summary>How many jobs a server takes and does, and how long one waits.</summary>
internal sealed class JobsBenchmark(BenchDatabase database)
{
    private const string About =
        """
        How many jobs a second one server takes over HTTP and does, where the work itself is next to nothing, and how
        long a job waits that is asked for alone; beside a row that is written as often as a job's, each time in a
        transaction of its own, by as many connections as a node works on jobs.

          ./bifrost bench jobs --jobs 1000 --callers 8
        """;

    // As a node works on jobs.
    private const int AtOnce = 2;

    // Asked for, begun, ended.
    private const int WritesOfJob = 3;

    private const string Yardstick = "UPDATE bare_job SET attempt = attempt + 1 WHERE job_id = $1";

    private const string Waits =
        """
        SELECT percentile_disc(ARRAY[0.5, 0.99]) WITHIN GROUP (
            ORDER BY extract(epoch FROM started_at - created_at)::float8 * 1000)
        FROM work.job
        """;

    private const string Open = "SELECT count(*) FROM work.job WHERE finished_at IS NULL";

    public static Command Create()
    {
        var jobs = BenchOptions.Count("--jobs", 1000, "Jobs that are asked for at once.");
        var callers = BenchOptions.Count("--callers", 8, "Callers that ask for them.");
        var alone = BenchOptions.Count("--alone", 50, "Jobs that are asked for one after another.");
        var save = BenchOptions.Save("jobs");
        var command = new Command("jobs", About) { jobs, callers, alone, save };
        command.SetAction((parsed, cancel) => BenchDatabase.Use(
            async database =>
            {
                var report = await new JobsBenchmark(database).Run(
                    parsed.GetValue(jobs), parsed.GetValue(callers), parsed.GetValue(alone), cancel);
                report.Print();
                if (parsed.GetValue(save))
                    await report.Save("jobs", cancel);
            },
            cancel));
        return command;
    }

    private async Task<PlainReport> Run(int jobs, int callers, int alone, CancellationToken cancel)
    {
        var report = new PlainReport(
            "Jobs", "./bifrost bench jobs --save", "what", "jobs", "jobs/s", "waited p50 ms", "waited p99 ms");
        await using (var server = await ServerProcess.Start(database.ConnectionString, cancel))
        {
            using var client = new HttpClient { BaseAddress = server.Url };
            await Measure(report, "asked for one after another", client, alone, callers: 1, cancel);
            await Measure(report, $"asked for by {callers} callers", client, jobs, callers, cancel);
        }
        var bare = await Bare(jobs, cancel);
        report.Add("a bare row, written as often", PlainReport.Number(jobs), PlainReport.Number(jobs / bare), "–", "–");
        report.Notes.Add($"{AtOnce} at once on one node; jobs/s from the first that was asked for to the last done");
        report.Notes.Add(await Machine.Describe(database, cancel));
        return report;
    }

    // One after another: the next is asked for once the one before is done.
    private async Task Measure(
        PlainReport report, string what, HttpClient client, int jobs, int callers, CancellationToken cancel)
    {
        await database.Execute("DELETE FROM work.job", cancel);
        var since = Stopwatch.GetTimestamp();
        var left = jobs;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                using var answer = await client.PostAsJsonAsync("/api/jobs", new { kind = "job-retention" }, cancel);
                answer.EnsureSuccessStatusCode();
                if (callers == 1)
                    await AllDone(cancel);
            }
        }));
        await AllDone(cancel);
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        var waits = await database.Scalar<double[]>(Waits, cancel);
        report.Add(
            what,
            PlainReport.Number(jobs),
            PlainReport.Number(jobs / seconds),
            PlainReport.Decimals(waits[0]),
            PlainReport.Decimals(waits[1]));
    }

    private async Task AllDone(CancellationToken cancel)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (await database.Scalar<long>(Open, cancel) > 0)
            await look.WaitForNextTickAsync(cancel);
    }

    private async Task<double> Bare(int jobs, CancellationToken cancel)
    {
        await database.Execute(
            "CREATE TABLE bare_job AS SELECT n AS job_id, 0 AS attempt, repeat('x', 200) AS rest "
            + $"FROM generate_series(1, {jobs}) AS n; CREATE UNIQUE INDEX ON bare_job (job_id)",
            cancel);
        var since = Stopwatch.GetTimestamp();
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            await using var connection = await database.Owner.OpenConnectionAsync(cancel);
            await using var command = new NpgsqlCommand(Yardstick, connection);
            var job = new NpgsqlParameter<int>();
            command.Parameters.Add(job);
            while (Interlocked.Increment(ref next) is var number && number <= jobs)
            {
                job.TypedValue = number;
                for (var write = 0; write < WritesOfJob; write++)
                    await command.ExecuteNonQueryAsync(cancel);
            }
        }));
        return Stopwatch.GetElapsedTime(since).TotalSeconds;
    }
}
