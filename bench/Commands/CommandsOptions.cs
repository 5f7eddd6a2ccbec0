using System.CommandLine;

namespace Bifrost.Bench.Commands;

/// <param name="Servers">Running servers to drive; empty: start one.</param>
internal sealed record CommandsOptions(
    int Seconds, int Runs, int Portfolios, int[] Callers, string[] Scenarios, Uri[] Servers, bool Save)
{
    public TimeSpan Duration => TimeSpan.FromSeconds(Seconds);
}

/// <summary>The command line of <c>bench commands</c>.</summary>
internal static class CommandsCommand
{
    public const string Spread = "spread";
    public const string Hot = "hot";
    public const string HttpSpread = "http-spread";
    public const string HttpHot = "http-hot";
    public const string Sealing = "sealing";

    private const string About =
        """
        Commands a second, and how long each waits for its durable answer.

        Callers buy 10 shares, report the fill, sell them, report the fill, one command after another, each waiting for
        its answer: two events a command. "spread" takes a random portfolio each time, "hot" always the same one; the
        http scenarios do the same to the server in a process of its own, over keep-alive connections. "sealing" is
        "spread" with hash chains and anchors and without them, by turns. Beside them, pgbench inserts the same bytes
        one row a transaction, and COPY loads the same events.

        BIFROST_DATABASE names the server (an Npgsql connection string whose role may create databases); all happens in
        a database bench_… that is dropped in the end. BIFROST_PGBENCH names pgbench where it is not on the path.

          bench commands --callers 32,512 --scenarios spread
          bench commands --seconds 10 --runs 5 --save
        """;

    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "How long each run takes.", DefaultValueFactory = _ => 3,
    };

    private static readonly Option<int> Runs = new("--runs")
    {
        Description = "Runs of each line; the one in the middle is shown.", DefaultValueFactory = _ => 3,
    };

    private static readonly Option<int> Portfolios = new("--portfolios")
    {
        Description = "Portfolios that the load is spread over.", DefaultValueFactory = _ => 1000,
    };

    private static readonly Option<int[]> Callers = new("--callers")
    {
        Description = "How many callers at once, with commas between.",
        DefaultValueFactory = _ => [1, 8, 32, 128, 512],
        CustomParser = parsed => [.. parsed.Tokens[0].Value.Split(',').Select(int.Parse)],
    };

    private static readonly Option<string[]> Scenarios = new("--scenarios")
    {
        Description = "Which to run, with spaces between.",
        DefaultValueFactory = _ => [Spread, Hot, Sealing, HttpSpread, HttpHot],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<Uri[]> Servers = new("--http")
    {
        Description = "Running servers to drive over HTTP, instead of starting one.",
        DefaultValueFactory = _ => [],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> Save = new("--save")
    {
        Description = "Write the result to bench/baselines/commands.md.",
    };

    public static Command Create()
    {
        Scenarios.AcceptOnlyFromAmong(Spread, Hot, Sealing, HttpSpread, HttpHot);
        var command = new Command("commands", About)
        {
            Seconds, Runs, Portfolios, Callers, Scenarios, Servers, Save,
        };
        command.SetAction((parsed, cancel) => CommandsBenchmark.Run(
            new CommandsOptions(
                parsed.GetValue(Seconds),
                parsed.GetValue(Runs),
                parsed.GetValue(Portfolios),
                parsed.GetValue(Callers)!,
                parsed.GetValue(Scenarios)!,
                parsed.GetValue(Servers)!,
                parsed.GetValue(Save)),
            cancel));
        return command;
    }
}
