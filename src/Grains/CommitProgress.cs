using System.Diagnostics;

namespace Bifrost.Grains;

/// <summary>How the commits of this process go: how long one has been under way, whether the last failed.</summary>
public sealed class CommitProgress
{
    // When each lane began with what it has in hand, by the stopwatch; 0 where it has nothing.
    private readonly long[] begun;
    private CommitFailure? failure;

    internal CommitProgress(int lanes) => begun = new long[lanes];

    /// <summary>How long the oldest batch has been under way; zero where none is.</summary>
    public TimeSpan Waiting
    {
        get
        {
            var longest = TimeSpan.Zero;
            for (var lane = 0; lane < begun.Length; lane++)
            {
                if (Volatile.Read(ref begun[lane]) is not 0 and var since
                    && Stopwatch.GetElapsedTime(since) is var waited && waited > longest)
                {
                    longest = waited;
                }
            }
            return longest;
        }
    }

    /// <summary>Why the last batch was not committed; null where it was.</summary>
    public CommitFailure? Failure => Volatile.Read(ref failure);

    /// <returns>The moment, by the stopwatch.</returns>
    internal long Begun(int lane)
    {
        var now = Stopwatch.GetTimestamp();
        Volatile.Write(ref begun[lane], now);
        return now;
    }

    internal void Ended(int lane) => Volatile.Write(ref begun[lane], 0);

    internal void Succeeded()
    {
        if (failure is not null)
            Volatile.Write(ref failure, null);
    }

    internal void Failed(Exception reason) =>
        Volatile.Write(ref failure, new CommitFailure(DateTimeOffset.UtcNow, reason.Message));
}

/// <summary>A batch that was not committed; its callers were told.</summary>
public sealed record CommitFailure(DateTimeOffset At, string Reason);
