using System.Diagnostics;

namespace Bifrost.Harness;

/// <summary>Waits for what another process, or a daemon, is to bring about and tells nobody of.</summary>
public static class Eventually
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks again and again until it is so.</summary>
    /// <param name="told">What to say where it is not in time.</param>
    /// <exception cref="TimeoutException">It is not so after <paramref name="patience"/>.</exception>
    public static async Task Is(Func<Task<bool>> isSo, TimeSpan patience, Func<string> told)
    {
        using var period = new PeriodicTimer(Period);
        var since = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (Stopwatch.GetElapsedTime(since) > patience)
                throw new TimeoutException(told());
            await period.WaitForNextTickAsync();
        }
    }
}
