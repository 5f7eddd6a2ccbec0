using Bifrost.Bench.Yardsticks;

namespace Bifrost.Bench.Commands;

/// <summary>What PostgreSQL does by itself with the same bytes, measured several times over the run.</summary>
internal sealed class YardstickRuns
{
    private const int ShortestSeconds = 5;

    private readonly List<double> one = [];
    private readonly List<double> many = [];
    private readonly List<double> copies = [];

    public double? PgBench1 => Median(one);

    public double? PgBench32 => Median(many);

    public double Copy => Median(copies) ?? 0;

    public int Runs => many.Count;

    public double Spread => PgBench32 is { } median ? (many.Max() - many.Min()) / median : 0;

    public async Task Measure(BenchDatabase database, CommandsOptions options, long payload, CancellationToken cancel)
    {
        var seconds = Math.Max(options.Seconds, ShortestSeconds);
        if (PgBench.Find() is { } program)
        {
            var pgbench = new PgBench(program, database);
            one.Add(await pgbench.Run(1, (int)payload, seconds, cancel));
            many.Add(await pgbench.Run(32, (int)payload, seconds, cancel));
        }
        copies.Add(await CopyOfEvents.Run(database, cancel));
    }

    private static double? Median(List<double> values) =>
        values.Count == 0 ? null : values.Order().ElementAt(values.Count / 2);
}
