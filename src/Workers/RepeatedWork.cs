using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Workers;

/// <summary>
/// Work that is done again and again for as long as the server runs. Where it fails because something cannot be reached
/// it is tried again later; anything else ends the worker, loudly.
/// </summary>
public abstract class RepeatedWork(ILogger logger) : BackgroundService
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>How it is called in logs.</summary>
    protected abstract string Name { get; }

    /// <summary>Waits for work and does it.</summary>
    protected abstract Task Turn(CancellationToken cancel);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server starts meanwhile.
        await Task.Yield();
        var isFailing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Turn(stoppingToken);
                isFailing = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or HttpRequestException or IOException or SocketException
                or TimeoutException or OperationCanceledException)
            {
                // Said once, because an outage would fill the log.
                if (!isFailing)
                    logger.LogWarning(e, "{Worker} failed and is tried again", Name);
                isFailing = true;
                await Task.Delay(AfterFailure, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
