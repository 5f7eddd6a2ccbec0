using JasperFx;
using Microsoft.Extensions.Logging;
using Wolverine.Runtime.Agents;

namespace Bifrost.Messaging.Following;

/// <summary>A follower that runs on this node, and is begun again where it has failed.</summary>
/// <remarks>
/// It may run on two nodes for a moment: where one was given up and lives, or while it changes nodes. Each batch moves
/// its place from where the batch began, so of two that handle the same events one commits; the other fails here, and
/// goes on from where the first came to.
/// </remarks>
internal sealed class FollowerAgent(Uri uri, string name, IFollower follower, FollowerDaemon daemon, ILogger logger)
    : IAgent, IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private CancellationTokenSource? stop;
    private Task watching = Task.CompletedTask;

    public Uri Uri => uri;

    public string Description => $"Follower {name}";

    public AgentStatus Status { get; private set; } = AgentStatus.Stopped;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Begin(cancellationToken);
        stop = new CancellationTokenSource();
        watching = Watch(stop.Token);
        Status = AgentStatus.Running;
        logger.LogInformation("Follower {Name} runs on this node", name);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (stop is null)
            return;
        await stop.CancelAsync();
        await watching;
        stop.Dispose();
        stop = null;
        await daemon.Stop(name);
        Status = AgentStatus.Stopped;
        logger.LogInformation("Follower {Name} has ended on this node", name);
    }

    public void Dispose() => stop?.Dispose();

    // Where nobody wants anything any more, it waits to be ended, and reads nothing.
    private async Task Begin(CancellationToken cancel)
    {
        if (await follower.WantedAfter(cancel) is { } after)
            await daemon.Start(name, after, cancel);
    }

    private async Task Watch(CancellationToken cancel)
    {
        using var look = new PeriodicTimer(Look);
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await look.WaitForNextTickAsync(cancel);
                if (!daemon.IsRunning(name))
                    await Begin(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever it is, it is tried again: what follows the log may be late, it may not end.
                logger.LogWarning(e, "Follower {Name} could not be begun again", name);
            }
        }
    }
}
