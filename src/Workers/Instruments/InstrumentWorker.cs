using Bifrost.Instruments;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Instruments;

/// <summary>Keeps the instruments in memory as fresh as they are stored, whichever process changes them.</summary>
public sealed class InstrumentWorker(InstrumentCatalog instruments, ILogger<InstrumentWorker> logger)
    : RepeatedWork(logger)
{
    // How late a change is noticed at most where the database cannot tell of it, as behind a pooler.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    protected override string Name => "The reading of instruments";

    /// <summary>Before the server answers: an alias that is not known yet would be taken for a symbol.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await instruments.Refresh(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task Turn(CancellationToken cancel)
    {
        await instruments.WaitForChange(Period, cancel);
        await instruments.Refresh(cancel);
    }
}
