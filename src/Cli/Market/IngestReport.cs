using System.Globalization;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Rollups;

namespace Bifrost.Cli.Market;

/// <param name="length">The size of the source in bytes; null where it is not known.</param>
internal sealed class IngestReport(string source, long? length) : IProgress<IngestProgress>, IDisposable
{
    private readonly ProgressLine line = new();

    public void Report(IngestProgress value) => line.Show(elapsed =>
    {
        var rate = value.Counts.Read / Math.Max(elapsed.TotalSeconds, 0.001);
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{source}: {value.Counts.Read:N0} rows, {rate:N0} rows/s");
        if (length is not > 0 || value.BytesRead == 0)
            return text;
        var share = Math.Min(1, (double)value.BytesRead / length.Value);
        var left = TimeSpan.FromSeconds(elapsed.TotalSeconds * (1 - share) / share);
        return string.Create(CultureInfo.InvariantCulture, $"{text}, {share:P0}, {left:h\\:mm\\:ss} left");
    });

    public void Dispose() => line.Dispose();
}

internal sealed class RollupReport : IProgress<RollupProgress>, IDisposable
{
    private readonly ProgressLine line = new();

    public void Report(RollupProgress value) => line.Show(_ => string.Create(
        CultureInfo.InvariantCulture, $"rolling up: {value.Done:N0} periods done, {value.Left:N0} left"));

    public void Dispose() => line.Dispose();
}
