using System.Diagnostics;
using System.Diagnostics.Metrics;
using Bifrost.Grains;
using Bifrost.Workers;
using Npgsql;

namespace Bifrost.Api.Events;

/// <summary>
/// Reads each new event once for all streams of this process, while there are any. Commits of this process wake it;
/// those of others it finds by looking.
/// </summary>
internal sealed class EventTail : BackgroundService
{
    public const string MeterName = "Bifrost.Streams";

    // How late an event of another process may be.
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    // Between reads. Under load the commits of this time are one read, and wake each stream once.
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(10);

    private readonly Meter meter = new(MeterName);
    private readonly Wakeup wakeup = new();
    private readonly Ledger ledger;
    private readonly Bell bell;
    private readonly ILogger<EventTail> logger;

    // Its own, so that it need not queue with the streams that are behind.
    private readonly EventPages pages;
    private EventWindow? window;
    private int listeners;
    private int behind;
    private long readAt;
    private bool isAway;

    public EventTail(Ledger ledger, NpgsqlDataSource database, Bell bell, ILogger<EventTail> logger)
    {
        (this.ledger, this.bell, this.logger, pages) = (ledger, bell, logger, new EventPages(database));
        meter.CreateObservableGauge(
            "bifrost.events.streams", () => Volatile.Read(ref listeners), "{stream}", "Event streams that are open");
        meter.CreateObservableGauge(
            "bifrost.events.streams_behind", () => Volatile.Read(ref behind), "{stream}",
            "Event streams whose clients read so slowly that they are sent what was recorded before");
    }

    /// <summary>How long ago the log was read for the streams; zero where there are none.</summary>
    public TimeSpan SinceRead => Volatile.Read(ref readAt) is not 0 and var at
        ? Stopwatch.GetElapsedTime(at)
        : TimeSpan.Zero;

    /// <summary>Null before the first listener is noticed, and after the last one has left.</summary>
    public EventWindow? Window => Volatile.Read(ref window);

    /// <summary>To be told when a stream falls behind the window, and when it is back or has ended.</summary>
    public void Behind(bool isBehind) => Interlocked.Add(ref behind, isBehind ? 1 : -1);

    /// <summary>Has the log followed until the result is disposed of; the bell rings for what is new.</summary>
    public IDisposable Listen()
    {
        Interlocked.Increment(ref listeners);
        wakeup.Signal();
        return new Listener(this);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        void Wake(long _) => wakeup.Signal();
        ledger.Committed += Wake;
        try
        {
            while (true)
            {
                await wakeup.Wait(stoppingToken);
                if (HasListeners)
                    await Follow(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // That is how it ends.
        }
        finally
        {
            ledger.Committed -= Wake;
        }
    }

    private bool HasListeners => Volatile.Read(ref listeners) > 0;

    private async Task Follow(CancellationToken cancel)
    {
        // It rings too, so that quiet streams look at the time.
        await using var poll = new Timer(_ =>
        {
            wakeup.Signal();
            bell.Ring();
        }, null, Poll, Poll);
        Volatile.Write(ref readAt, Stopwatch.GetTimestamp());
        while (HasListeners)
        {
            try
            {
                if (await ReadNew(cancel))
                    await Task.Delay(Breath, cancel);
                Volatile.Write(ref readAt, Stopwatch.GetTimestamp());
                isAway = false;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                // The streams stay: what is committed meanwhile is read when the database is back.
                if (!isAway)
                    logger.LogWarning(e, "The log cannot be read for the event streams");
                isAway = true;
            }
            await wakeup.Wait(cancel);
        }
        Volatile.Write(ref readAt, 0);
        Volatile.Write(ref window, null);
    }

    private async Task<bool> ReadNew(CancellationToken cancel)
    {
        if (window is null)
        {
            Volatile.Write(ref window, new EventWindow(await pages.ReadLatest(cancel)));
            bell.Ring();
        }
        var found = false;
        EventFrames page;
        do
        {
            page = await pages.ReadAll(window!.To, cancel);
            if (page.IsEmpty)
                return found;
            window.Add(page);
            bell.Ring();
            found = true;
        }
        while (page.IsFull);
        return found;
    }

    public override void Dispose()
    {
        meter.Dispose();
        pages.Dispose();
        base.Dispose();
    }

    private sealed class Listener(EventTail tail) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref tail.listeners);
    }
}
