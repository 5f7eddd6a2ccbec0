using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Portfolios;
using Bifrost.Grains;
using Bifrost.Messaging;
using Bifrost.Messaging.Following;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bifrost.Bench.Following;

/// <summary>How fast a follower reads the log, and how soon an event reaches it.</summary>
internal sealed class FollowingBenchmark(BenchDatabase database)
{
    private const string About =
        """
        How many events a second a follower is handed when it has fallen behind, and how long one takes from the moment
        its command is answered, and from that at which it was given, to the handler. The follower notes each event in
        the transaction that moves its place.

          ./bifrost bench following --events 100000 --commits 500
        """;

    private const string Table =
        """
        CREATE TABLE work.bench_seen (sequence bigint NOT NULL);
        GRANT INSERT ON work.bench_seen TO work_service_user
        """;

    private readonly Witness witness = new();

    public static System.CommandLine.Command Create()
    {
        var events = BenchOptions.Count("--events", 50_000, "Events that it is behind by.");
        var commits = BenchOptions.Count("--commits", 500, "Commits, one by one, that it is to hear of.");
        var callers = BenchOptions.Count("--callers", 256, "Callers that write the events which it is behind by.");
        var save = BenchOptions.Save("following");
        var command = new System.CommandLine.Command("following", About) { events, commits, callers, save };
        command.SetAction((parsed, cancel) => BenchDatabase.Use(
            async database =>
            {
                var report = await new FollowingBenchmark(database).Run(
                    parsed.GetValue(events), parsed.GetValue(commits), parsed.GetValue(callers), cancel);
                report.Print();
                if (parsed.GetValue(save))
                    await report.Save("following", cancel);
            },
            cancel));
        return command;
    }

    private async Task<PlainReport> Run(int events, int commits, int callers, CancellationToken cancel)
    {
        await database.Execute(Table, cancel);
        await using var ledger = await Ledger.Start(new LedgerOptions(database.ConnectionString));
        var portfolios = await Write(ledger, events, callers);
        using var host = Host();
        await host.StartAsync(cancel);
        var last = await database.Scalar<long>("SELECT max(seq_id) FROM events.mt_events", cancel);
        witness.IsWanted = true;
        await witness.Until(last, cancel);
        var rate = witness.Count / witness.Elapsed.TotalSeconds;
        var (fromAnswer, fromCommand) = await Listen(ledger, portfolios[0], commits, cancel);
        await host.StopAsync(cancel);

        var report = new PlainReport(
            "Following", "./bifrost bench following --save", "what", "events/s", "p50 ms", "p99 ms");
        report.Add(
            "catching up", rate.ToString("N0", CultureInfo.InvariantCulture), "", "");
        Add(report, "from the answer to the handler", fromAnswer);
        Add(report, "from the command to the handler", fromCommand);
        report.Notes.Add(string.Create(
            CultureInfo.InvariantCulture, $"{witness.Count:N0} events, {commits:N0} of them one by one"));
        report.Notes.Add(await Machine.Describe(database, cancel));
        return report;
    }

    private IHost Host()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(witness);
        builder.Services.AddFollower<Follower>("bench");
        MessagingModule.Add(builder, database.ConnectionString);
        return builder.Build();
    }

    private static async Task<int[]> Write(Ledger ledger, int events, int callers)
    {
        var left = events;
        return await Task.WhenAll(Enumerable.Range(0, callers).Select(async i =>
        {
            var id = ledger.NextPortfolioId();
            await Do(ledger, id, new OpenPortfolio
            {
                PortfolioId = id, UserId = 1, Name = $"Followed {i}", Currency = Currency.Of("USD"),
                LotMethod = LotMethod.FIFO,
            });
            while (Interlocked.Decrement(ref left) >= 0)
                await Deposit(ledger, id);
            return id;
        }));
    }

    private async Task<(List<double> FromAnswer, List<double> FromCommand)> Listen(
        Ledger ledger, int portfolio, int commits, CancellationToken cancel)
    {
        var (fromAnswer, fromCommand) = (new List<double>(), new List<double>());
        for (var i = 0; i < commits; i++)
        {
            // The handler may have it before the answer is here.
            var next = witness.Last + 1;
            var given = Stopwatch.GetTimestamp();
            await Deposit(ledger, portfolio);
            var answered = Stopwatch.GetTimestamp();
            await witness.Until(next, cancel);
            fromAnswer.Add(Math.Max(0, Stopwatch.GetElapsedTime(answered, witness.At).TotalMilliseconds));
            fromCommand.Add(Stopwatch.GetElapsedTime(given, witness.At).TotalMilliseconds);
        }
        return (fromAnswer, fromCommand);
    }

    private static Task Deposit(Ledger ledger, int portfolio) =>
        Do(ledger, portfolio, new MoveCash { Type = FundingType.DEPOSIT, Amount = 1 });

    private static async Task Do(Ledger ledger, int portfolioId, Command command)
    {
        var answer = await ledger.Execute(
            new CommandRequest(portfolioId, command, CommandIdentity.Unrepeatable("bench")));
        if (answer.Rejection is { } rejection)
            throw new InvalidOperationException($"{command.GetType().Name}: {rejection.Detail}");
    }

    private static void Add(PlainReport report, string what, List<double> times)
    {
        var sorted = times.Order().ToList();
        string At(double part) =>
            sorted[(int)((sorted.Count - 1) * part)].ToString("0.0", CultureInfo.InvariantCulture);
        report.Add(what, "", At(0.5), At(0.99));
    }

    private sealed class Follower(Witness witness) : IFollower
    {
        public ValueTask<long?> WantedAfter(CancellationToken cancel) =>
            ValueTask.FromResult(witness.IsWanted ? 0L : (long?)null);

        public Task Follow(FollowedEvents events, CancellationToken cancel)
        {
            witness.See(events);
            events.Write(
                "INSERT INTO work.bench_seen (sequence) SELECT unnest(?::bigint[])",
                events.Events.Select(e => e.Sequence).ToArray());
            return Task.CompletedTask;
        }
    }

    /// <summary>What the follower was handed, and when.</summary>
    private sealed class Witness
    {
        private readonly Channel<bool> seen = Channel.CreateUnbounded<bool>();
        private long first;

        public bool IsWanted { get; set; }

        public long Count { get; private set; }

        public long Last { get; private set; }

        /// <summary>When it was handed the last ones.</summary>
        public long At { get; private set; }

        public TimeSpan Elapsed => Stopwatch.GetElapsedTime(first, At);

        public void See(FollowedEvents events)
        {
            At = Stopwatch.GetTimestamp();
            if (first == 0)
                first = At;
            Count += events.Events.Count;
            Last = events.Through;
            seen.Writer.TryWrite(true);
        }

        public async Task Until(long sequence, CancellationToken cancel)
        {
            while (Last < sequence)
                await seen.Reader.ReadAsync(cancel);
        }
    }
}
