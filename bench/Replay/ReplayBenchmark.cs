using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Bifrost.Bench.PlainMarten;
using Bifrost.EventStore;
using Bifrost.Grains;
using Bifrost.Replay;
using Bifrost.Replay.Rebuilding;
using Bifrost.Replay.TimeTravel;
using Bifrost.Replay.Verifying;
using Npgsql;

namespace Bifrost.Bench.Replay;

/// <summary>How fast a log is folded, verified, rebuilt and asked for its past.</summary>
internal sealed class ReplayBenchmark(BenchDatabase database, int runs, int pastReads)
{
    private const string About =
        """
        Folds, verifies and rebuilds a log that was made by the command path, beside a COPY of the same events out of
        the database with nothing done to them, and reads the past of one portfolio that has as many events alone.

        "marten rebuild" is a yardstick: Marten's daemon rebuilds the document of each portfolio from as many events of
        the same trading, as a program would do it that leaves everything to Marten. The ledger's rebuild makes seven
        tables, and checks what it folds.

          ./bifrost bench replay --events 1000000 --portfolios 1000
        """;

    private const string Bare = "COPY (SELECT * FROM events.mt_events) TO STDOUT (FORMAT binary)";

    private const string MartenRebuild = "marten rebuild";

    private const int WarmingReads = 50;

    private readonly PlainReport report = new(
        "Replay", "./bifrost bench replay --save", "what", "events/s", "of COPY OUT", "spread", "peak MB");

    private double bare;

    public static Command Create()
    {
        var events = BenchOptions.Count("--events", 1_000_000, "Events.");
        var portfolios = BenchOptions.Count("--portfolios", 1000, "Portfolios.");
        var runs = BenchOptions.Count("--runs", 3, "How often.");
        var reads = BenchOptions.Count("--reads", 400, "Reads of the past.");
        var save = BenchOptions.Save("replay");
        var command = new Command("replay", About) { events, portfolios, runs, reads, save, Part() };
        command.SetAction((parsed, cancel) => BenchDatabase.Use(
            async database =>
            {
                var benchmark = new ReplayBenchmark(database, parsed.GetValue(runs), parsed.GetValue(reads));
                await benchmark.Run(parsed.GetValue(portfolios), parsed.GetValue(events), cancel);
                benchmark.report.Print();
                if (parsed.GetValue(save))
                    await benchmark.report.Save("replay", cancel);
            },
            cancel));
        return command;
    }

    // Each measured part runs in a process of its own, so that its peak of memory is its own.
    private static Command Part()
    {
        var name = new Argument<string>("name");
        var part = new Command("part", "One part alone, on BIFROST_DATABASE; used by the benchmark itself.")
        {
            name,
        };
        part.Hidden = true;
        part.SetAction(async (parsed, cancel) =>
        {
            var connection = Environment.GetEnvironmentVariable("BIFROST_DATABASE")!;
            var seconds = parsed.GetValue(name) == MartenRebuild
                ? await MartenLog.Rebuild(connection, cancel)
                : await RunPart(parsed.GetValue(name)!, connection, cancel);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds} {PeakMegabytes()}"));
        });
        return part;
    }

    private static async Task<double> RunPart(string name, string connection, CancellationToken cancel)
    {
        await using var source = LedgerConnections.Rebuilds(connection);
        var since = Stopwatch.GetTimestamp();
        await (name switch
        {
            "fold" => Fold(source, cancel),
            "verify" => new Verification(source).Run(null, null, cancel),
            "rebuild" => new Rebuild(source).Run(null, null, cancel),
            _ => throw new ArgumentException($"There is no part {name}."),
        });
        return Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    private static async Task Fold(NpgsqlDataSource source, CancellationToken cancel)
    {
        var fold = new LogFold(source);
        await fold.Run(long.MaxValue, () =>
        {
            // Nobody takes the rows; without this they would be kept.
            fold.Changes.Clear();
            return Task.CompletedTask;
        }, cancel);
    }

    private static long PeakMegabytes()
    {
        const string Peak = "VmHWM:";
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Peak, StringComparison.Ordinal));
        return long.Parse(line[Peak.Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture) / 1024;
    }

    private async Task Run(int portfolios, long events, CancellationToken cancel)
    {
        Console.Error.WriteLine($"making {events:N0} events of {portfolios:N0} portfolios …");
        await MadeLog.Make(database.ConnectionString, portfolios, events, null, cancel);
        await database.Execute("VACUUM ANALYZE", cancel);
        var made = await database.Scalar<long>("SELECT count(*) FROM events.mt_events", cancel);
        var size = await database.Scalar<double>(
            "SELECT avg(pg_column_size(e.*))::double precision FROM events.mt_events e", cancel);
        await Measure("bare COPY OUT of the events", made, () => CopyOut(cancel));
        foreach (var part in new[] { "fold", "verify", "rebuild" })
            await Measure(part, made, () => RunApart(part, cancel));
        report.Notes.Add(string.Create(
            CultureInfo.InvariantCulture, $"{made:N0} events of {portfolios:N0} portfolios, {size:0} bytes each"));
        await MeasureMarten(portfolios, made, cancel);
        await MeasureStart(cancel);
        await MeasurePast(events, cancel);
        report.Notes.Add(await Machine.Describe(database, cancel));
    }

    private async Task Measure(string what, long events, Func<Task<(double Seconds, long Megabytes)>> run)
    {
        Console.Error.WriteLine($"{what} …");
        var results = new List<(double Seconds, long Megabytes)>();
        for (var i = 0; i < runs; i++)
            results.Add(await run());
        var rates = results.Select(result => events / result.Seconds).Order().ToList();
        var median = rates[rates.Count / 2];
        bare = bare == 0 ? median : bare;
        report.Add(
            what,
            PlainReport.Number(median),
            PlainReport.Decimals(median / bare),
            string.Create(CultureInfo.InvariantCulture, $"{(rates[^1] - rates[0]) / median:P0}"),
            results.Max(result => result.Megabytes) is > 0 and var peak ? PlainReport.Number(peak) : "");
    }

    private async Task<(double Seconds, long Megabytes)> CopyOut(CancellationToken cancel)
    {
        await using var connection = await database.Owner.OpenConnectionAsync(cancel);
        var buffer = new byte[64 * 1024];
        var since = Stopwatch.GetTimestamp();
        await using (var stream = await connection.BeginRawBinaryCopyAsync(Bare, cancel))
        {
            while (await stream.ReadAsync(buffer.AsMemory(), cancel) > 0)
            {
            }
        }
        return (Stopwatch.GetElapsedTime(since).TotalSeconds, 0);
    }

    private async Task<(double Seconds, long Megabytes)> RunApart(string part, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ReplayBenchmark).Assembly.Location, "replay", "part", part])
        {
            RedirectStandardOutput = true,
            Environment = { ["BIFROST_DATABASE"] = database.ConnectionString },
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        var told = output.Split(' ', StringSplitOptions.TrimEntries);
        return process.ExitCode == 0
            ? (double.Parse(told[0], CultureInfo.InvariantCulture), long.Parse(told[1], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"{part} failed: {output}");
    }

    private async Task MeasureMarten(int portfolios, long events, CancellationToken cancel)
    {
        Console.Error.WriteLine("making as many events in Marten …");
        await MartenLog.Make(database.ConnectionString, portfolios, events, cancel);
        await database.Execute("VACUUM ANALYZE", cancel);
        var made = await database.Scalar<long>($"SELECT count(*) FROM {PlainStore.Schema}.mt_events", cancel);
        await Measure(MartenRebuild, made, () => RunApart(MartenRebuild, cancel));
        var whole = await database.Scalar<long>(
            $"""
            SELECT count(*) FROM {PlainStore.Schema}.mt_doc_portfolio d
            JOIN {PlainStore.Schema}.mt_streams s ON s.id = d.id AND s.version = d.mt_version
            """,
            cancel);
        if (whole != portfolios)
            throw new InvalidOperationException($"Marten rebuilt {whole} of {portfolios} portfolios.");
    }

    private async Task MeasureStart(CancellationToken cancel)
    {
        Console.Error.WriteLine("starting the server …");
        var since = Stopwatch.GetTimestamp();
        await using (await ServerProcess.Start(database.ConnectionString, cancel))
        {
            var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
            report.Notes.Add(string.Create(
                CultureInfo.InvariantCulture, $"start of the server over that log, to ready: {seconds:0.0} s"));
        }
    }

    private async Task MeasurePast(long events, CancellationToken cancel)
    {
        Console.Error.WriteLine($"making {events:N0} events of one portfolio, and its snapshots …");
        await using var alone = await BenchDatabase.Create(
            Environment.GetEnvironmentVariable("BIFROST_DATABASE")!, cancel);
        await MadeLog.Make(alone.ConnectionString, 1, events, null, cancel);
        await using var source = LedgerConnections.Readers(alone.ConnectionString);
        var travel = new Travel(source);
        var id = await alone.Scalar<int>("SELECT portfolio_id FROM portfolio", cancel);
        var since = Stopwatch.GetTimestamp();
        await travel.MakeSnapshots(id, cancel);
        var made = Stopwatch.GetElapsedTime(since).TotalSeconds;
        await alone.Execute("VACUUM ANALYZE", cancel);
        var last = await alone.Scalar<long>("SELECT max(seq_id) FROM events.mt_events", cancel);
        var random = new Random(1);
        var times = new List<double>();
        for (var i = 0; i < pastReads + WarmingReads; i++)
        {
            var moment = new Moment { Sequence = random.NextInt64(last * 9 / 10, last) };
            since = Stopwatch.GetTimestamp();
            await travel.Read(id, moment, cancel);
            // The first ones are still being compiled.
            if (i >= WarmingReads)
                times.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }
        times.Sort();
        report.Notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"as of an event in the last tenth of one portfolio of {last:N0} events: p50 "
            + $"{times[pastReads / 2]:0.0} ms, p99 {times[pastReads * 99 / 100]:0.0} ms; its snapshots "
            + $"took {made:0} s to make"));
    }
}
