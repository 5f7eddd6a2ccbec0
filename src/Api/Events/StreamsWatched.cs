using Bifrost.Workers.Watching;

namespace Bifrost.Api.Events;

/// <summary>The log is read for the event streams, while there are any.</summary>
internal sealed class StreamsWatched(EventTail tail, WatchLimits limits) : IWatched
{
    public Condition Look()
    {
        var age = tail.SinceRead;
        var isAway = age > limits.Followers;
        return new Condition(
            "streams", age, isAway ? "Event streams are told of nothing: the log cannot be read." : null);
    }
}
