using System.Diagnostics;
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

    private string? problem;
    private long failingSince;

    /// <summary>For how long each try has failed; zero where the last one did not.</summary>
    public TimeSpan FailingFor => Volatile.Read(ref failingSince) is not 0 and var since
        ? Stopwatch.GetElapsedTime(since)
        : TimeSpan.Zero;

    /// <summary>Why the last try failed, in a sentence; null where it did not.</summary>
    public string? Problem => Volatile.Read(ref problem);

    /// <summary>How it is called in logs.</summary>
    protected abstract string Name { get; }

    /// <summary>Waits for work and does it.</summary>
    protected abstract Task Turn(CancellationToken cancel);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server starts meanwhile.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Turn(stoppingToken);
                Note(null);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or HttpRequestException or IOException or SocketException
                or TimeoutException or OperationCanceledException or UnauthorizedAccessException)
            {
                // Said once, because an outage would fill the log.
                if (Problem is null)
                    logger.LogWarning(e, "{Worker} failed and is tried again", Name);
                Note(e);
                await Task.Delay(AfterFailure, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Note(Exception? failure)
    {
        Volatile.Write(ref problem, failure is null ? null : $"{Name} fails: {failure.Message}");
        if (failure is null || failingSince == 0)
            Volatile.Write(ref failingSince, failure is null ? 0 : Stopwatch.GetTimestamp());
    }
}
