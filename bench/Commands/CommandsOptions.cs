using System.CommandLine;

namespace Bifrost.Bench.Commands;

internal sealed record CommandsOptions
{
    public required TimeSpan Duration { get; init; }

    public required TimeSpan WarmUp { get; init; }

    /// <summary>How long pgbench runs each time; 0 where it does not.</summary>
    public required int YardstickSeconds { get; init; }

    public required int Runs { get; init; }

    public required int Portfolios { get; init; }

    /// <summary>Of one cluster, for the callers in process; 1 is a silo by itself.</summary>
    public required int Silos { get; init; }

    public required int[] Callers { get; init; }

    public required string[] Scenarios { get; init; }

    /// <summary>Running servers to drive; empty: start one.</summary>
    public required Uri[] Servers { get; init; }

    public required bool Save { get; init; }
}

/// <summary>The command line of <c>bench commands</c>.</summary>
internal static class CommandsCommand
{
    public const string Spread = "spread";
    public const string Hot = "hot";
    public const string HttpSpread = "http-spread";
    public const string HttpHot = "http-hot";
    public const string Sealing = "sealing";
    public const string Marten = "marten";

    private const int ShortestYardstick = 5;

    private const string About =
        """
        Commands a second, and how long each waits for its durable answer.

        Callers buy 10 shares, report the fill, sell them, report the fill, one command after another, each waiting for
        its answer: two events a command. "spread" takes a random portfolio each time, "hot" always the same one; the
        http scenarios do the same to the server in a process of its own, over keep-alive connections. "sealing" is
        "spread" with hash chains and anchors and without them, by turns.

        Yardsticks in the same run: "marten" is "spread" with the same events a command in a program that leaves
        everything to Marten, as its documentation does it: a session a command, FetchForWriting on the portfolio's
        stream, an inline snapshot, SaveChangesAsync; it keeps no receipts, no hashes, and one document instead of the
        ledger's tables. pgbench inserts the same bytes one row a transaction, and COPY loads the same events.

        BIFROST_DATABASE names the server (an Npgsql connection string whose role may create databases); all happens in
        a database bench_… that is dropped in the end. BIFROST_PGBENCH names pgbench where it is not on the path.

          ./bifrost bench commands --callers 32,512 --scenarios spread,marten
          ./bifrost bench commands --callers 128 --scenarios spread --silos 2
          ./bifrost bench commands --seconds 10 --runs 5 --save
        """;

    private static readonly Option<int> Seconds =
        BenchOptions.Count("--seconds", 3, "How long each run takes.");

    private static readonly Option<int> WarmUp = BenchOptions.AtLeast(
        0, "--warm-up", 10, "Seconds before the first run, in which the compiler sees what is run all the time.");

    private static readonly Option<int> Yardstick = BenchOptions.AtLeast(
        0, "--yardstick-seconds", ShortestYardstick, "How long pgbench runs each time; 0 to do without.");

    private static readonly Option<int> Runs =
        BenchOptions.Count("--runs", 3, "Runs of each line; the one in the middle is shown.");

    private static readonly Option<int> Portfolios =
        BenchOptions.Count("--portfolios", 1000, "Portfolios that the load is spread over.");

    private static readonly Option<int> Silos = BenchOptions.Count(
        "--silos", 1, "Silos of one cluster, all in this process, that the callers in process are spread over.");

    private static readonly Option<int[]> Callers =
        BenchOptions.Counts("--callers", [1, 8, 32, 128, 512], "How many callers at once");

    private static readonly Option<string[]> Scenarios =
        BenchOptions.Names("--scenarios", "scenario", [Spread, Hot, Sealing, Marten, HttpSpread, HttpHot]);

    private static readonly Option<Uri[]> Servers = BenchOptions.Servers(
        "--http", "Running servers to drive over HTTP, with spaces between, instead of starting one.");

    private static readonly Option<bool> Save = BenchOptions.Save("commands");

    public static Command Create()
    {
        var command = new Command("commands", About)
        {
            Seconds, WarmUp, Yardstick, Runs, Portfolios, Silos, Callers, Scenarios, Servers, Save,
        };
        command.SetAction((parsed, cancel) => CommandsBenchmark.Run(Options(parsed), cancel));
        return command;
    }

    private static CommandsOptions Options(ParseResult parsed) => new()
    {
        Duration = TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
        WarmUp = TimeSpan.FromSeconds(parsed.GetValue(WarmUp)),
        // As long as the runs, unless somebody says otherwise.
        YardstickSeconds = parsed.GetResult(Yardstick) is { Implicit: false }
            ? parsed.GetValue(Yardstick)
            : Math.Max(parsed.GetValue(Seconds), ShortestYardstick),
        Runs = parsed.GetValue(Runs),
        Portfolios = parsed.GetValue(Portfolios),
        Silos = parsed.GetValue(Silos),
        Callers = parsed.GetValue(Callers)!,
        Scenarios = parsed.GetValue(Scenarios)!,
        Servers = parsed.GetValue(Servers)!,
        Save = parsed.GetValue(Save),
    };
}
