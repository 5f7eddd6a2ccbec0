using Bifrost.MarketData.Files.Rows;

namespace Bifrost.MarketData.Files.Times;

/// <summary>Finds out from the times of a sample how the file writes them.</summary>
internal sealed class TimeHints
{
    private const decimal FirstYear = -2_208_988_800m;
    private const decimal LastYear = 4_102_444_800m;

    private readonly List<decimal> numbers = [];
    private readonly DateOrders orders = new();

    public void Look(ReadOnlySpan<byte> time)
    {
        orders.Look(time);
        var number = NumberText.Parse(time, isGrouped: false);
        if (number.Kind == NumberKind.Exact)
            numbers.Add(number.Value);
    }

    /// <summary>How times are read, from this and from what the options say.</summary>
    /// <exception cref="UnreadableBarsException">Dates could be read two ways, and nothing tells which.</exception>
    public TimeForms Forms(BarFileOptions options) => new()
    {
        Order = options.DateOrder ?? orders.Find(),
        LatestYear = options.Clock.GetUtcNow().Year,
        Unit = Unit(),
    };

    // Milliseconds of the days around 1970 are as small as seconds of this century. So the finest unit holds for the
    // whole file, unless each smaller number is a sensible time in its own unit: then the file mixes units.
    private EpochUnit? Unit()
    {
        var units = numbers.Select(number => (number, unit: EpochUnits.Of(number))).Where(pair => pair.unit is not null)
            .ToList();
        var finest = units.Max(pair => pair.unit);
        var coarser = units.Where(pair => pair.unit < finest).ToList();
        return coarser.Count == 0 || coarser.Any(pair => !IsSensible(pair.number, pair.unit!.Value)) ? finest : null;
    }

    private static bool IsSensible(decimal number, EpochUnit unit)
    {
        var seconds = EpochUnits.Ticks(number, unit) is { } ticks
            ? (ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond
            : decimal.MaxValue;
        return seconds is >= FirstYear and < LastYear;
    }
}
