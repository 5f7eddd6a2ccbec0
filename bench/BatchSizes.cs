using System.Diagnostics.Metrics;
using Bifrost.Grains;

namespace Bifrost.Bench;

/// <summary>How many commands the ledger of this process committed in one transaction, as its own meter says.</summary>
internal sealed class BatchSizes : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly List<double> sizes = [];

    public BatchSizes()
    {
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == Telemetry.Name && instrument.Name == "bifrost.ledger.batch.commands")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, size, _, _) =>
        {
            lock (sizes)
                sizes.Add(size);
        });
        listener.Start();
    }

    /// <summary>Mean and largest size since this was asked before.</summary>
    public (double Mean, double Largest) Take()
    {
        lock (sizes)
        {
            var taken = sizes.Count == 0 ? (0, 0) : (sizes.Average(), sizes.Max());
            sizes.Clear();
            return taken;
        }
    }

    public void Dispose() => listener.Dispose();
}
