using System.Threading.Channels;

namespace Bifrost.Workers;

/// <summary>Wakes a worker that waits for work. Signals that come while it works are one.</summary>
public sealed class Wakeup
{
    private readonly Channel<bool> signals =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Signal() => signals.Writer.TryWrite(true);

    /// <summary>Waits for a signal.</summary>
    public async Task Wait(CancellationToken cancel) => await signals.Reader.ReadAsync(cancel);

    /// <summary>Waits for a signal, or for <paramref name="longest"/> at most.</summary>
    public async Task Wait(TimeSpan longest, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(longest);
        try
        {
            await signals.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // The time is over, which is as good as a signal.
        }
    }
}
