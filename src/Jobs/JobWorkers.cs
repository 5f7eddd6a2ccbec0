using System.Data.Common;
using System.Diagnostics;
using Bifrost.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Jobs;

/// <summary>Takes jobs for this node and has them done, a few at a time.</summary>
internal sealed class JobWorkers(
    JobStore store,
    JobRunner runner,
    [FromKeyedServices(MessagingModule.Connections)] NpgsqlDataSource database,
    ILogger<JobWorkers> logger) : BackgroundService
{
    // There is more to a node than its jobs.
    private const int AtOnce = 2;

    // How late a job is begun that nobody told of: because it was to wait, its node has died, or word of it went lost.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    // A running job tells each second how far it is. One that has not for so long is taken for dead with its node.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    // Whoever may log in may say that a job waits, as often as he likes; it is looked for so often at the most.
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);

    private static readonly string Node = $"{Environment.MachineName}/{Environment.ProcessId}";

    private readonly SemaphoreSlim told = new(0);

    public override void Dispose()
    {
        told.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server starts meanwhile.
        await Task.Yield();
        await Task.WhenAll(
            Enumerable.Range(0, AtOnce).Select(_ => Outlast(Work, stoppingToken))
                .Append(Outlast(Listen, stoppingToken)));
    }

    private async Task Work(CancellationToken cancel)
    {
        while (await store.Claim(Node, Silence, cancel) is { } claim)
            await runner.Run(claim);
        var looked = Stopwatch.GetTimestamp();
        await told.WaitAsync(Look, cancel);
        if (Breath - Stopwatch.GetElapsedTime(looked) is var rest && rest > TimeSpan.Zero)
            await Task.Delay(rest, cancel);
    }

    // On a connection of its own, where others can wake it; through a pooler that shares sessions nobody does, and it
    // looks once a second.
    private async Task Listen(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        connection.Notification += (_, _) =>
        {
            // Whoever works looks for the next job anyway.
            if (told.CurrentCount < AtOnce)
                told.Release();
        };
        await using (var listen = new NpgsqlCommand($"LISTEN {JobControl.Channel}", connection))
            await listen.ExecuteNonQueryAsync(cancel);
        while (true)
            await connection.WaitAsync(cancel);
    }

    // Until the node stops: an outage is said once and waited out.
    private async Task Outlast(Func<CancellationToken, Task> work, CancellationToken cancel)
    {
        var isAway = false;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await work(cancel);
                isAway = false;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is DbException or TimeoutException or IOException)
            {
                if (!isAway)
                    logger.LogWarning(e, "Jobs cannot be taken; they wait");
                isAway = true;
                await Task.Delay(Look, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
