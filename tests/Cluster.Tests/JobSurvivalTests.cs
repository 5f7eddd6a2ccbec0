using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
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

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly HttpClient Http = new();

    private readonly JobCluster cluster = Cluster(output);

    public Task InitializeAsync() => cluster.Open();

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Fact]
    public async Task a_job_whose_node_is_killed_is_done_once_by_another_whatever_kind_it_is()
    {
        var one = await cluster.Start();
        await Fill(one);
        await using (var ingest = await Ingest())
        await using (var export = await Export())
        {
            await cluster.Retry(ingest, export);
            var others = await Task.WhenAll(cluster.Start(), cluster.Start());
            var third = cluster.Start();
            await cluster.KillInTheMiddle(ingest, export);
            await ShouldHaveLoaded(ingest);
            await ShouldHaveExported(export, others[0]);
            await third;
        }
        await using (var rebuild = await Rebuild())
        {
            await cluster.Retry(rebuild);
            await rebuild.Held();
            await using var audit = await HeldJob.Create(cluster.Owner, "audit", "{}", "LOCK TABLE events.mt_events");
            await cluster.Retry(audit);
            await cluster.KillInTheMiddle(rebuild, audit);
            (await rebuild.Told("result ->> 'portfolios'")).ShouldBe($"{Portfolios}");
            (await audit.Told("result ->> 'faults'")).ShouldBe("0");
        }
        (await cluster.Operator("replay", "verify")).ShouldEndWith(" 0 differences");
        await KillAllAsScheduleFires();
        await KillWhoTellsAgainAndWhoDropsBars();
        await KillWhoDropsJobsAndDeliveries();

        (await cluster.Database.Query<long>("SELECT count(*) FROM work.wolverine_dead_letters")).ShouldBe(0);
    }

    private async Task KillAllAsScheduleFires()
    {
        await using (var holding = await cluster.Owner.OpenConnectionAsync())
        {
            await Run(holding, "BEGIN; LOCK TABLE work.job IN SHARE ROW EXCLUSIVE MODE");
            // Due now, and then not before there is a leap day again.
            await cluster.Run(
                """
                INSERT INTO work.schedule (name, kind, arguments, cron, zone, owner, next_at)
                VALUES ('due', 'job-retention', '{}', '0 0 29 2 *', 'Etc/UTC', 'tester', now())
                """);
            await HeldJob.WaitFor(cluster.Owner, holding);
            await cluster.KillAll();
            await Run(holding, "ROLLBACK");
        }
        (await cluster.Database.Query<bool>("SELECT last_at IS NULL FROM work.schedule WHERE name = 'due'"))
            .ShouldBeTrue();

        await cluster.Start();

        await Eventually.Is(
            () => cluster.Database.Query<bool>(
                "SELECT EXISTS (SELECT FROM work.job WHERE schedule = 'due' AND state = 'succeeded')"),
            Patience,
            () => "Nobody fires it.");
        (await cluster.Database.Query<long>("SELECT count(*) FROM work.job WHERE schedule = 'due'")).ShouldBe(1);
        (await cluster.Database.Query<bool>(
            "SELECT last_job IS NOT NULL AND next_at > now() + interval '1 day' FROM work.schedule WHERE name = 'due'"))
            .ShouldBeTrue();
    }

    // All of both is in the hands of the one node that lives; another is there when it is killed.
    private async Task KillWhoTellsAgainAndWhoDropsBars()
    {
        await using var receiver = ToldReceiver.Start();
        using var made = await Http.PostAsJsonAsync(
            new Uri(cluster.Any.Url, "/api/webhooks"),
            new { url = receiver.Address, eventTypes = new[] { "cash_deposited" } });
        var webhook = $"{JsonNode.Parse(await made.Content.ReadAsStringAsync())!["webhook"]!["webhookId"]}";
        await using var replay = await Replay(webhook);
        await using var bars = await BarRetention();
        await cluster.Retry(replay, bars);
        await Task.WhenAll(replay.Held(), bars.Held(), cluster.Start());

        await cluster.KillInTheMiddle(replay, bars);

        var deposits = await cluster.Database.Query<long>(
            "SELECT count(*) FROM events.mt_events WHERE type = 'cash_deposited'");
        const string asked = "SELECT count(*) FROM work.webhook_delivery WHERE replay_job IS NOT NULL";
        (await cluster.Database.Query<long>(asked)).ShouldBe(deposits);
        (await replay.Told("result ->> 'deliveries'")).ShouldBe($"{deposits}");
        await Eventually.Is(
            async () => await cluster.Database.Query<long>($"{asked} AND state = 'delivered'") == deposits,
            Patience,
            () => "Not all is told.");
        receiver.Sequences.Distinct().LongCount().ShouldBe(deposits);
        (await cluster.Database.Query<long>("SELECT count(*) FROM market_stock_hist_bars_min_ts")).ShouldBe(0);
        (await cluster.Database.Query<long>("SELECT count(*) FROM market_stock_hist_bars_hour_ts")).ShouldBe(1);
    }

    private async Task KillWhoDropsJobsAndDeliveries()
    {
        await cluster.Run(
            """
            INSERT INTO work.job (job_id, kind, arguments, owner, state, finished_at)
            SELECT gen_random_uuid(), 'audit', '{}', 'long ago', 'cancelled', now() - interval '31 days'
            FROM generate_series(1, 3);
            UPDATE work.webhook_delivery SET delivered_at = now() - interval '8 days' WHERE sequence % 2 = 0
            """);
        var all = await cluster.Database.Query<long>("SELECT count(*) FROM work.webhook_delivery");
        var old = await cluster.Database.Query<long>(
            "SELECT count(*) FROM work.webhook_delivery WHERE sequence % 2 = 0");
        await using var jobs = await HeldJob.Create(
            cluster.Owner,
            "job-retention",
            "{}",
            "SELECT FROM work.job WHERE owner = 'long ago' ORDER BY ctid DESC LIMIT 1 FOR UPDATE");
        await using var deliveries = await HeldJob.Create(
            cluster.Owner,
            "webhook-retention",
            "{}",
            "SELECT FROM work.webhook_delivery WHERE sequence % 2 = 0 ORDER BY ctid DESC LIMIT 1 FOR UPDATE");
        await cluster.Retry(jobs, deliveries);
        await Task.WhenAll(jobs.Held(), deliveries.Held(), cluster.Start());

        await cluster.KillInTheMiddle(jobs, deliveries);

        // Each is one statement, which PostgreSQL may still finish for a client that has gone.
        (await cluster.Database.Query<long>("SELECT count(*) FROM work.webhook_delivery")).ShouldBe(all - old);
        (await cluster.Database.Query<long>("SELECT count(*) FROM work.job WHERE owner = 'long ago'")).ShouldBe(0);
    }

    // Its last part has to wait for whether somebody else has asked for the last event.
    private Task<HeldJob> Replay(string webhook) => HeldJob.Create(
        cluster.Owner,
        "webhook-replay",
        $$"""{"webhookId": "{{webhook}}", "from": 1}""",
        $"""
        INSERT INTO work.webhook_delivery (delivery_id, webhook_id, sequence, replay_job)
        SELECT gen_random_uuid(), '{webhook}', max(seq_id), $job FROM events.mt_events WHERE type = 'cash_deposited'
        """);

    // Minutes come before hours, and those of hours somebody is reading.
    private async Task<HeldJob> BarRetention()
    {
        await cluster.Run(
            """
            INSERT INTO market_stock_hist_bars_hour_ts
            SELECT symbol, v.t, open, high, low, close, volume
            FROM market_stock_hist_bars_min_ts b, LATERAL (VALUES (b.time), (now())) AS v (t) WHERE symbol = 'ZZZ';
            UPDATE market_bar_retention SET enabled = true, keep = '1 month' WHERE bar_interval = 'min';
            UPDATE market_bar_retention SET enabled = true, keep = '2 months' WHERE bar_interval = 'hour'
            """);
        return await HeldJob.Create(
            cluster.Owner, "market-retention", "{}", "LOCK TABLE market_stock_hist_bars_hour_ts IN SHARE MODE");
    }

    // Its last batch has to wait for whoever is writing its symbol already.
    private Task<HeldJob> Ingest() => HeldJob.Create(
        cluster.Owner,
        "ingest",
        """{"interval": "min"}""",
        $"""
        INSERT INTO market_symbol (symbol, name, market, asset_type, status) VALUES ('{LastSymbol}', '', '', '', '')
        """,
        Encoding.UTF8.GetBytes(Bars()));

    // Its second part has to wait for whether there is one already.
    private Task<HeldJob> Export() => HeldJob.Create(
        cluster.Owner,
        "export",
        """{"format": "csv"}""",
        "INSERT INTO work.job_content (job_id, attempt, part, bytes) VALUES ($job, 1, 1, '')");

    private async Task<HeldJob> Rebuild()
    {
        await cluster.Run("UPDATE portfolio SET cash_balance = cash_balance + 1");
        return await HeldJob.Create(
            cluster.Owner, "rebuild", "{}", "SELECT FROM portfolio ORDER BY portfolio_id DESC LIMIT 1 FOR UPDATE");
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
        (await cluster.Database.Query<string>(
            """
            SELECT concat_ws(' ', count(*), sum(volume)::bigint, sum(close)::bigint)
            FROM market_stock_hist_bars_min_ts
            """))
            .ShouldBe($"{Rows} {volume} {close}");
        (await cluster.Database.Query<long>(
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

    private static async Task Run(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static JobCluster Cluster(ITestOutputHelper output) => new(output);
}
