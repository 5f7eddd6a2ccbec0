using Bifrost.Bench.Yardsticks;

namespace Bifrost.Bench.Commands;

/// <summary>What PostgreSQL does by itself with the same bytes, measured several times over the run.</summary>
internal sealed class YardstickRuns
{
    private readonly List<double> one = [];
    private readonly List<double> many = [];
    private readonly List<double> copies = [];

    public double? PgBench1 => Median(one);

    public double? PgBench32 => Median(many);

    public double Copy => Median(copies) ?? 0;

    public int Runs => many.Count;

    public double Spread => PgBench32 is > 0 and var median ? (many.Max() - many.Min()) / median : 0;

    /// <param name="payload">Bytes of a row.</param>
    public async Task Measure(BenchDatabase database, int seconds, long payload, CancellationToken cancel)
    {
        if (seconds > 0 && PgBench.Find() is { } program)
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
