using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Jobs;

/// <summary>Has schedules ask for their jobs when they are due. Every node looks; one of them fires.</summary>
internal sealed class ScheduleClock(Schedules schedules, TimeProvider clock, ILogger<ScheduleClock> logger)
    : BackgroundService
{
    // How late a schedule may be noticed that another process has made.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    // One that is due and stays so is in another node's hands.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server starts meanwhile.
        await Task.Yield();
        var isAway = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await schedules.Fire(stoppingToken))
                {
                    // As many as are due.
                }
                await Task.Delay(await Wait(stoppingToken), clock, stoppingToken);
                isAway = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                if (!isAway)
                    logger.LogWarning(e, "Schedules cannot be read: what is due meanwhile is made up for");
                isAway = true;
                await Task.Delay(Longest, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<TimeSpan> Wait(CancellationToken cancel)
    {
        var due = await schedules.NextDue(cancel) - clock.GetUtcNow();
        return due is not { } wait || wait > Longest ? Longest : wait > Shortest ? wait : Shortest;
    }
}
