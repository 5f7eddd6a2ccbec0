using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Files.Rows;

/// <summary>Counts the rows of a source against its limits.</summary>
internal sealed class RowLimits(LoadLimits limits)
{
    private readonly Dictionary<QuarantineReason, int> samples = [];
    private long rows;
    private long bad;

    /// <summary>Why no more rows are read, to be followed by "after row N."; null where more may be.</summary>
    public string? Failure { get; private set; }

    /// <summary>Whether there may be one more row than were counted.</summary>
    public bool MayGoOn()
    {
        if (rows >= limits.Rows)
            Failure ??= $"A load has at most {limits.Rows} rows: send the rest by itself, reading ended";
        return Failure is null;
    }

    public void CountGood() => rows++;

    /// <summary>Whether the row is to be kept as it came, and not only counted.</summary>
    public bool KeepsBad(QuarantineReason reason)
    {
        rows++;
        bad++;
        if (bad <= limits.BadRows)
            return true;
        if (bad * 100 > rows * limits.BadPercent)
            Failure ??= $"Of {rows} rows {bad} are no bars, more than {limits.BadPercent} %: reading was given up";
        var sample = samples.GetValueOrDefault(reason) + 1;
        samples[reason] = sample;
        return sample <= LoadLimits.SamplesOfReason;
    }
}
