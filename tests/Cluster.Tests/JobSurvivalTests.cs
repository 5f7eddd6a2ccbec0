using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using Npgsql;
using Xunit.Abstractions;

namespace Bifrost.Cluster.Tests;

/// <summary>
/// Nodes in processes of their own are killed in the middle of each kind of job, and of a schedule. Another node does
/// the job, once, and what comes of it is what came of it had nobody been killed.
/// </summary>
public sealed class JobSurvivalTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Rows = 150_000;
    private const string LastSymbol = "ZZZ";

    // Rebuilds put twenty right at a time: some are done when the last one is held.
    private const int Portfolios = 25;

    private const int Deposits = 2_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly HttpClient Http = new();

    private readonly Dictionary<string, NodeProcess> nodes = [];
    private readonly string home = Directory.CreateTempSubdirectory("bifrost-jobs-").FullName;
    private readonly string cluster = $"jobs-{Guid.NewGuid():N}";
    private readonly TestDatabase database = new();
    private NpgsqlDataSource owner = null!;

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        owner = NpgsqlDataSource.Create(database.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        foreach (var node in nodes.Values)
            await node.DisposeAsync();
        await owner.DisposeAsync();
        await database.DisposeAsync();
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task a_job_whose_node_is_killed_is_done_once_by_another_whatever_kind_it_is()
    {
        var one = await Start();
        await Fill(one);
        await using (var ingest = await Ingest())
        await using (var export = await Export())
        {
            await Retry(one, ingest, export);
            var others = await Task.WhenAll(Start(), Start());
            var third = Start();
            await KillInTheMiddle(ingest, export);
            await ShouldHaveLoaded(ingest);
            await ShouldHaveExported(export, others[0]);
            await third;
        }
        await using (var rebuild = await Rebuild())
        {
            await Retry(nodes.Values.First(), rebuild);
            await rebuild.Held();
            await using var audit = await HeldJob.Create(owner, "audit", "{}", "LOCK TABLE events.mt_events");
            await Retry(nodes.Values.First(), audit);
            await KillInTheMiddle(rebuild, audit);
            (await rebuild.Told("result ->> 'portfolios'")).ShouldBe($"{Portfolios}");
            (await audit.Told("result ->> 'faults'")).ShouldBe("0");
        }
        (await Operator("replay", "verify")).ShouldEndWith(" 0 differences");
        await KillAllAsScheduleFires();

        (await database.Query<long>("SELECT count(*) FROM work.wolverine_dead_letters")).ShouldBe(0);
    }

    // Who has a job in hand is killed; what it was held by is let go only then.
    private async Task KillInTheMiddle(params HeldJob[] jobs)
    {
        var doing = await Task.WhenAll(jobs.Select(job => job.Held()));
        foreach (var name in doing.Distinct())
            await Kill(name);
        var killed = DateTimeOffset.UtcNow;
        foreach (var job in jobs)
            await job.LetGo();
        var begun = await Task.WhenAll(jobs.Select(job => job.Succeeds()));
        foreach (var (job, again) in jobs.Zip(begun))
        {
            nodes.Keys.ShouldContain(await job.Told("node"));
            var seconds = (again - killed).TotalSeconds;
            output.WriteLine($"{await job.Told("kind")}: begun again {seconds:0.0} s after the kill");
        }
    }

    private async Task KillAllAsScheduleFires()
    {
        await using (var holding = await owner.OpenConnectionAsync())
        {
            await Run(holding, "BEGIN; LOCK TABLE work.job IN SHARE ROW EXCLUSIVE MODE");
            // Due now, and then not before there is a leap day again.
            await Run(
                """
                INSERT INTO work.schedule (name, kind, arguments, cron, zone, owner, next_at)
                VALUES ('due', 'job-retention', '{}', '0 0 29 2 *', 'Etc/UTC', 'tester', now())
                """);
            await HeldJob.WaitFor(owner, holding);
            foreach (var name in nodes.Keys.ToArray())
                await Kill(name);
            await Run(holding, "ROLLBACK");
        }
        (await database.Query<bool>("SELECT last_at IS NULL FROM work.schedule WHERE name = 'due'")).ShouldBeTrue();

        await Start();

        await Eventually.Is(
            () => database.Query<bool>(
                "SELECT EXISTS (SELECT FROM work.job WHERE schedule = 'due' AND state = 'succeeded')"),
            Patience,
            () => "Nobody fires it.");
        (await database.Query<long>("SELECT count(*) FROM work.job WHERE schedule = 'due'")).ShouldBe(1);
        (await database.Query<bool>(
            "SELECT last_job IS NOT NULL AND next_at > now() + interval '1 day' FROM work.schedule WHERE name = 'due'"))
            .ShouldBeTrue();
    }

    // Its last batch has to wait for whoever is writing its symbol already.
    private Task<HeldJob> Ingest() => HeldJob.Create(
        owner,
        "ingest",
        """{"interval": "min"}""",
        $"""
        INSERT INTO market_symbol (symbol, name, market, asset_type, status) VALUES ('{LastSymbol}', '', '', '', '')
        """,
        Encoding.UTF8.GetBytes(Bars()));

    // Its second part has to wait for whether there is one already.
    private Task<HeldJob> Export() => HeldJob.Create(
        owner,
        "export",
        """{"format": "csv"}""",
        "INSERT INTO work.job_content (job_id, attempt, part, bytes) VALUES ($job, 1, 1, '')");

    private async Task<HeldJob> Rebuild()
    {
        await Run("UPDATE portfolio SET cash_balance = cash_balance + 1");
        return await HeldJob.Create(
            owner, "rebuild", "{}", "SELECT FROM portfolio ORDER BY portfolio_id DESC LIMIT 1 FOR UPDATE");
    }

    private static string Bars()
    {
        var text = new StringBuilder("symbol,time,open,high,low,close,volume\n");
        var time = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var i = 0; i < Rows; i++)
        {
            var symbol = i < Rows - 1 ? $"S{i % 10}" : LastSymbol;
            text.Append(CultureInfo.InvariantCulture, $"{symbol},{time.AddMinutes(i / 10):yyyy-MM-ddTHH:mm:ssZ},")
                .Append(CultureInfo.InvariantCulture, $"100,110,90,{100 + i % 7},{i}\n");
        }
        return text.ToString();
    }

    private async Task ShouldHaveLoaded(HeldJob ingest)
    {
        var volume = Enumerable.Range(0, Rows).Sum(i => (long)i);
        var close = Enumerable.Range(0, Rows).Sum(i => 100L + i % 7);
        (await database.Query<string>(
            """
            SELECT concat_ws(' ', count(*), sum(volume)::bigint, sum(close)::bigint)
            FROM market_stock_hist_bars_min_ts
            """))
            .ShouldBe($"{Rows} {volume} {close}");
        (await database.Query<long>(
            "SELECT (SELECT count(*) FROM market_bar_quarantine) + (SELECT count(*) FROM market_bar_correction)"))
            .ShouldBe(0);
        (await ingest.Told("concat_ws(' ', result ->> 'read', result ->> 'quarantined')")).ShouldBe($"{Rows} 0");
        // It went on from what was stored before, and did not begin anew.
        (await ingest.Told("(checkpoint ->> 'Batches')::int > 1 AND (result ->> 'written')::int = 150000"))
            .ShouldBe("true");
    }

    private static async Task ShouldHaveExported(HeldJob export, NodeProcess node)
    {
        var content = await Http.GetStringAsync(new Uri(node.Url, $"/api/jobs/{export.JobId}/content"));
        var fresh = await Http.GetStringAsync(new Uri(node.Url, "/api/audit/export?format=csv"));
        content.Length.ShouldBeGreaterThan(1024 * 1024);
        (content == fresh).ShouldBeTrue("The export is another than one that is made now.");
    }

    private static async Task Fill(NodeProcess node)
    {
        using var depositors = new Depositors(node.Url);
        var portfolios = await depositors.Open(Portfolios);
        await Parallel.ForAsync(0, Deposits, new ParallelOptions { MaxDegreeOfParallelism = 24 }, async (i, cancel) =>
        {
            using var answer = await Http.PostAsJsonAsync(
                new Uri(node.Url, $"/api/portfolios/{portfolios[i % Portfolios]}/funding"),
                new { type = "DEPOSIT", amount = "1", description = new string('x', 200) },
                cancel);
            answer.EnsureSuccessStatusCode();
        });
    }

    private static async Task Retry(NodeProcess node, params HeldJob[] jobs)
    {
        foreach (var job in jobs)
        {
            using var answer = await Http.PostAsync(new Uri(node.Url, $"/api/jobs/{job.JobId}/retry"), content: null);
            answer.EnsureSuccessStatusCode();
        }
    }

    private async Task<NodeProcess> Start()
    {
        var node = NodeProcess.Start(database.ConnectionString, cluster, home);
        lock (nodes)
            nodes.Add(node.Name, node);
        await node.BecomeReady();
        return node;
    }

    private async Task Kill(string name)
    {
        nodes.Remove(name, out var node).ShouldBeTrue(name);
        node!.Kill();
        await node.DisposeAsync();
    }

    private async Task Run(string sql)
    {
        await using var command = owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task Run(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private Task<string> Operator(params string[] arguments) =>
        NodeProcess.Operator(database.ConnectionString, home, arguments);
}
