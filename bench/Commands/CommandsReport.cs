using System.Globalization;
using Spectre.Console;

namespace Bifrost.Bench.Commands;

/// <summary>One line of the table: runs of one scenario.</summary>
/// <param name="Batches">Commands in one transaction, mean and largest; null where another process committed.</param>
internal sealed record Result(
    string Scenario, int Callers, IReadOnlyList<Measured> Runs, (double Mean, double Largest)? Batches)
{
    /// <summary>The run in the middle, by its rate.</summary>
    public Measured Median { get; } = Runs.OrderBy(run => run.Rate).ElementAt(Runs.Count / 2);

    /// <summary>How far apart the slowest and the fastest run are, as a share of the median.</summary>
    public double Spread =>
        Median.Rate == 0 ? 0 : (Runs.Max(run => run.Rate) - Runs.Min(run => run.Rate)) / Median.Rate;
}

/// <summary>What hashes and anchors cost, of runs that took turns.</summary>
internal sealed class SealingCost(int callers, IReadOnlyList<Measured> with, IReadOnlyList<Measured> without)
{
    private readonly double[] lost =
        [.. with.Zip(without, (one, other) => 1 - one.Rate / other.Rate).Order()];

    public int Callers => callers;

    /// <summary>The share of commands lost, by the median of pairs that ran one after the other.</summary>
    public double Share => lost[lost.Length / 2];

    /// <summary>Half of the pairs lie between these.</summary>
    public (double From, double To) Quartiles => (lost[lost.Length / 4], lost[lost.Length * 3 / 4]);
}

/// <summary>What was measured, and beside it what the machine can do.</summary>
internal sealed class CommandsReport(string machine)
{
    private static readonly string[] Headings =
    [
        "scenario", "callers", "commands/s", "spread", "CPU µs", "p50 ms", "p99 ms", "p99.9 ms", "of pgbench 32",
        "batch (largest)",
    ];

    public List<Result> Results { get; } = [];

    public List<SealingCost> SealingCosts { get; } = [];

    public YardstickRuns Yardsticks { get; } = new();

    public EventBytes? Bytes { get; set; }

    /// <summary>How Marten was used, where it was a scenario.</summary>
    public string? Marten { get; set; }

    public void Print()
    {
        // Where the output is no terminal its width is unknown, and the table must not be broken.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 140;
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in Headings)
            table.AddColumn(new TableColumn(heading) { Alignment = Align(heading) });
        foreach (var result in Results)
            table.AddRow(Cells(result));
        AnsiConsole.Write(table);
        foreach (var line in Notes())
            Console.WriteLine(line);
    }

    /// <summary>The same as a Markdown file, to be committed and compared with.</summary>
    public async Task Save(string path, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string[] lines =
        [
            "# Commands a second",
            "",
            "Written by `./bifrost bench commands --save`. The share of pgbench counts, not the machine.",
            "",
            Row(Headings),
            Row(Headings.Select(heading => Align(heading) == Justify.Left ? "---" : "---:")),
            .. Results.Select(result => Row(Cells(result))),
            "",
            .. Notes().Select(note => $"- {note}"),
        ];
        await File.WriteAllLinesAsync(path, lines, cancel);
    }

    private static Justify Align(string heading) => heading == "scenario" ? Justify.Left : Justify.Right;

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private string[] Cells(Result result) =>
    [
        result.Scenario,
        Number(result.Callers),
        Number(result.Median.Rate),
        result.Spread.ToString("P0", CultureInfo.InvariantCulture),
        result.Median.Cpu is { } cpu ? Number(cpu.TotalMicroseconds) : "–",
        Decimals(result.Median.P50.TotalMilliseconds),
        Decimals(result.Median.P99.TotalMilliseconds),
        Decimals(result.Median.P999.TotalMilliseconds),
        Yardsticks.PgBench32 is > 0 and var rate ? Decimals(result.Median.Rate / rate) : "–",
        result.Batches is { } batches ? $"{Number(batches.Mean)} ({Number(batches.Largest)})" : "–",
    ];

    private IEnumerable<string> Notes()
    {
        if (SealingCosts.Count > 0)
        {
            yield return "hash chains and anchors cost, by the median of pairs of runs (and quartiles): "
                + string.Join(", ", SealingCosts.Select(Told));
        }
        if (Marten is not null)
            yield return Marten;
        yield return Yardsticks is { PgBench1: { } one, PgBench32: { } many }
            ? $"pgbench, the same bytes, one row a transaction: {Number(one)} rows/s with 1 client, "
                + $"{Number(many)} with 32 ({Yardsticks.Runs} runs, spread {Yardsticks.Spread:P0})"
            : "pgbench was not run, or not found: BIFROST_PGBENCH names it";
        yield return $"COPY of the same events into a table with the same indexes: {Number(Yardsticks.Copy)} rows/s";
        if (Bytes is { } bytes)
            yield return $"events: {Number(bytes.PerEvent)} bytes each, {Number(bytes.PerCommand)} bytes a command";
        yield return machine;
    }

    private static string Told(SealingCost cost)
    {
        var (from, to) = cost.Quartiles;
        return $"{Percent(cost.Share)} ({Percent(from)} to {Percent(to)}) with {cost.Callers} callers";
    }

    private static string Percent(double share) => share.ToString("P1", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Decimals(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
