using JasperFx.Events.Daemon.HighWater;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Messaging.Following;

/// <summary>Wakes the daemon when something was committed.</summary>
/// <remarks>
/// It stands in for Marten's own, which forgets a notification that comes while the daemon looks: the event would wait
/// for the next one, or a second.
/// </remarks>
internal sealed class CommitWakeup(
    [FromKeyedServices(MessagingModule.Connections)] NpgsqlDataSource database, ILogger<CommitWakeup> logger)
    : IDaemonWakeup
{
    // Between looks. Under load the commits of this time are found by one.
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(5);

    private readonly SemaphoreSlim signal = new(0, 1);
    private readonly Lock gate = new();
    private CancellationTokenSource? listening;

    public async Task WaitAsync(TimeSpan timeout, CancellationToken token)
    {
        BeginListening();
        await Task.Delay(Breath, token);
        await signal.WaitAsync(timeout, token);
    }

    /// <summary>Gives the connection up, until somebody waits again.</summary>
    public void Rest()
    {
        lock (gate)
        {
            listening?.Cancel();
            listening = null;
        }
    }

    public void Dispose()
    {
        Rest();
        signal.Dispose();
    }

    private void BeginListening()
    {
        lock (gate)
        {
            if (listening is not null)
                return;
            listening = new CancellationTokenSource();
            _ = Listen(listening);
        }
    }

    private async Task Listen(CancellationTokenSource stop)
    {
        // The caller holds the lock.
        await Task.Yield();
        try
        {
            await using var connection = await database.OpenConnectionAsync(stop.Token);
            connection.Notification += (_, _) => Signal();
            await using (var command = new NpgsqlCommand("LISTEN mt_events_appended", connection))
                await command.ExecuteNonQueryAsync(stop.Token);
            // What was committed before is not told.
            Signal();
            while (true)
                await connection.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nobody waits.
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or ObjectDisposedException)
        {
            logger.LogWarning(e, "Commits are not told: they are found by looking, until the database is there again");
        }
        finally
        {
            lock (gate)
            {
                if (listening == stop)
                    listening = null;
            }
            stop.Dispose();
        }
    }

    private void Signal()
    {
        lock (gate)
        {
            if (signal.CurrentCount == 0)
                signal.Release();
        }
    }
}
