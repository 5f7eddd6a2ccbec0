using System.Globalization;
using Bifrost.Messaging.Following;
using Bifrost.Webhooks;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Watching;

/// <summary>Looks from time to time how far followers are behind the log, and webhooks behind what is due.</summary>
public sealed class FollowWatch(
    FollowerPlaces places, DeliveryStore deliveries, WatchLimits limits, ILogger<FollowWatch> logger)
    : RepeatedWork(logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly Behind followers = new("followers");
    private readonly Behind webhooks = new("webhooks");

    internal IWatched Followers => followers;

    internal IWatched Webhooks => webhooks;

    protected override string Name => "The watch of followers and webhooks";

    protected override async Task Turn(CancellationToken cancel)
    {
        var behind = (await places.Read(cancel)).MaxBy(place => place.Age);
        followers.Set(behind?.Age ?? TimeSpan.Zero, limits.Followers, behind is null
            ? ""
            : $"The follower {behind.Name} is {behind.Events} events behind the log, the oldest of them for");
        var (due, age) = await deliveries.Overdue(cancel);
        webhooks.Set(age, limits.Webhooks, $"{due} requests to webhooks are due and not made, the first of them for");
        await Task.Delay(Period, cancel);
    }

    private sealed class Behind(string name) : IWatched
    {
        private Condition condition = new(name, TimeSpan.Zero, null);

        public Condition Look() => Volatile.Read(ref condition);

        public void Set(TimeSpan age, TimeSpan limit, string problem) => Volatile.Write(
            ref condition,
            new Condition(name, age, age <= limit
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"{problem} {age.TotalSeconds:0} s.")));
    }
}
