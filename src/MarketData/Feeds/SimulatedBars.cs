using System.Runtime.CompilerServices;
using Bifrost.MarketData.Bars;

namespace Bifrost.MarketData.Feeds;

/// <summary>
/// Minute bars of made-up symbols, up to the last whole minute: a market to try things with that has no real name in
/// it. A bar follows from the seed, the symbol and the minute alone, so two servers, or one that was started again,
/// make the same ones.
/// </summary>
/// <param name="past">How far back the bars go where there are none yet.</param>
public sealed class SimulatedBars(int seed, TimeProvider clock, TimeSpan past) : IBarProvider
{
    private const int BatchRows = 50_000;

    // Waves of noise, from days down to minutes: how many minutes a wave takes, and how far it moves the price, in
    // hundred-thousandths.
    private static readonly (int Minutes, int Reach)[] Waves =
        [(7 * 1440, 12_000), (1440, 4_000), (240, 1_500), (60, 600), (15, 250), (4, 100), (1, 40)];

    private static readonly (string Symbol, long Cents)[] Listed =
    [
        ("SIM.ALFA", 4_510), ("SIM.BRAVO", 12_380), ("SIM.CHARLIE", 1_995), ("SIM.DELTA", 30_125),
        ("SIM.ECHO", 870), ("SIM.FOXTROT", 7_450), ("SIM.GOLF", 55_900), ("SIM.HOTEL", 2_640),
    ];

    public string Source => $"simulated (seed {seed})";

    public string Market => "SIMULATED";

    public BarInterval Interval => BarInterval.Min;

    public IReadOnlyList<string> Symbols { get; } = [.. Listed.Select(listed => listed.Symbol)];

    public async IAsyncEnumerable<BarBatch> Fetch(
        DateTime? newest, [EnumeratorCancellation] CancellationToken cancel)
    {
        var now = Minute(clock.GetUtcNow().UtcDateTime);
        var bars = new List<Bar>();
        var first = newest is { } known ? Minute(known) + 1 : now - (long)past.TotalMinutes;
        for (var minute = first; minute < now; minute++)
        {
            for (var i = 0; i < Listed.Length; i++)
                bars.Add(BarOf(i, minute));
            if (bars.Count < BatchRows)
                continue;
            yield return new BarBatch(bars, [], [], 0);
            bars = [];
            cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        if (bars.Count > 0)
            yield return new BarBatch(bars, [], [], 0);
    }

    private static long Minute(DateTime time) => (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMinute;

    private Bar BarOf(int listed, long minute)
    {
        var (open, close) = (Cents(listed, minute), Cents(listed, minute + 1));
        // The way between them swings out by up to half a thousandth.
        var swing = Listed[listed].Cents / 2_000 + 1;
        var high = Math.Max(open, close) + Noise(listed, 101, minute, (int)swing) / 2 + swing / 2;
        var low = Math.Min(open, close) + Noise(listed, 102, minute, (int)swing) / 2 - swing / 2;
        var prices = new OpenHighLowClose(
            Price(open), Price(Math.Max(high, Math.Max(open, close))), Price(Math.Min(low, Math.Min(open, close))),
            Price(close));
        var volume = 2_000 + Noise(listed, 103, minute, 1_900);
        return new Bar(
            Listed[listed].Symbol, DateTime.UnixEpoch.AddMinutes(minute), prices, volume, AdjClose: null);
    }

    private static decimal Price(long cents) => cents / 100m;

    private long Cents(int listed, long minute)
    {
        var start = Listed[listed].Cents;
        var moved = 0L;
        for (var wave = 0; wave < Waves.Length; wave++)
        {
            var (minutes, reach) = Waves[wave];
            var (node, within) = Math.DivRem(minute, minutes);
            var (from, to) = (Noise(listed, wave, node, reach), Noise(listed, wave, node + 1, reach));
            moved += from + (to - from) * within / minutes;
        }
        return Math.Max(1, start + start * moved / 100_000);
    }

    /// <summary>A number from minus to plus <paramref name="reach"/>, always the same for the same place.</summary>
    private long Noise(int listed, int wave, long node, int reach)
    {
        // SplitMix64 (Steele, Lea and Flood, 2014), as a hash of the place.
        unchecked
        {
            var z = (ulong)node * 0x9E3779B97F4A7C15 + ((ulong)seed << 40) + ((ulong)listed << 20) + (ulong)wave;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            return (long)(z % (ulong)(2 * reach + 1)) - reach;
        }
    }
}
