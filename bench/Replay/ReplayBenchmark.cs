using System.CommandLine;
using System.Diagnostics;

namespace Bifrost.Bench.Replay;

internal sealed class ReplayBenchmark
{
    public static Command Create()
    {
        var make = new Option<string>("--make");
        var portfolios = new Option<int>("--portfolios") { DefaultValueFactory = _ => 1000 };
        var events = new Option<long>("--events") { DefaultValueFactory = _ => 1_000_000 };
        var command = new Command("replay", "") { make, portfolios, events };
        command.SetAction(async (parsed, cancel) =>
        {
            var since = Stopwatch.GetTimestamp();
            if (parsed.GetValue(portfolios) == 0)
            {
                await Probe(parsed.GetValue(make)!);
                return 0;
            }
            await MadeLog.Make(parsed.GetValue(make)!, parsed.GetValue(portfolios), parsed.GetValue(events), null, cancel);
            Console.WriteLine(Stopwatch.GetElapsedTime(since));
            return 0;
        });
        return command;
    }

    private static async Task Probe(string url)
    {
        await using var db = Npgsql.NpgsqlDataSource.Create(url);
        for (var round = 0; round < 3; round++)
        {
            await using var c = await db.OpenConnectionAsync();
            var since = Stopwatch.GetTimestamp();
            var bytes = 0L;
            await using (var s = await c.BeginRawBinaryCopyAsync("COPY (SELECT * FROM events.mt_events) TO STDOUT (FORMAT binary)"))
            {
                var b = new byte[65536];
                int n;
                while ((n = await s.ReadAsync(b.AsMemory(), default)) > 0) bytes += n;
            }
            Console.WriteLine($"bare {bytes} {Stopwatch.GetElapsedTime(since).TotalSeconds:0.00}");
            since = Stopwatch.GetTimestamp();
            bytes = 0;
            await using (var s = await c.BeginRawBinaryCopyAsync("COPY (SELECT seq_id, version, timestamp, type, data FROM events.mt_events ORDER BY seq_id) TO STDOUT (FORMAT binary)"))
            {
                var b = new byte[65536];
                int n;
                while ((n = await s.ReadAsync(b.AsMemory(), default)) > 0) bytes += n;
            }
            Console.WriteLine($"five {bytes} {Stopwatch.GetElapsedTime(since).TotalSeconds:0.00}");
            since = Stopwatch.GetTimestamp();
            var count = 0L;
            var cpu = Process.GetCurrentProcess().TotalProcessorTime;
            await foreach (var batch in EventStore.EventLog.Replay(c, 0, long.MaxValue, default)) count += batch.Count;
            Console.WriteLine($"parsed {count} {Stopwatch.GetElapsedTime(since).TotalSeconds:0.00} cpu {Process.GetCurrentProcess().TotalProcessorTime - cpu}");
            since = Stopwatch.GetTimestamp();
            cpu = Process.GetCurrentProcess().TotalProcessorTime;
            var states = new Dictionary<int, Domain.Portfolios.Portfolio>();
            await foreach (var batch in EventStore.EventLog.Replay(c, 0, long.MaxValue, default))
            {
                foreach (var e in batch)
                {
                    var id = e.Data!.PortfolioId;
                    var next = Domain.Portfolios.Portfolio.Evolve(states.GetValueOrDefault(id), e.Recorded);
                    if (e.Data is Domain.Orders.OrderEvent o && !next.Orders[o.OrderId].IsWorking) next = next.Forget(o.OrderId);
                    states[id] = next;
                }
            }
            Console.WriteLine($"evolved {count} {Stopwatch.GetElapsedTime(since).TotalSeconds:0.00} cpu {Process.GetCurrentProcess().TotalProcessorTime - cpu}");
        }
    }
}
