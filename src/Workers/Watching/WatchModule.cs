using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Watching;

/// <summary>What sees that something stands still or falls behind, and says so.</summary>
public static class WatchModule
{
    /// <param name="database">An Npgsql connection string of the database's owner.</param>
    public static void Add(IServiceCollection services, string database, WatchLimits limits)
    {
        services.AddSingleton(limits);
        services.AddSingleton(
            provider => new GuardWorker(database, limits, provider.GetRequiredService<ILogger<GuardWorker>>()));
        services.AddHostedService(provider => provider.GetRequiredService<GuardWorker>());
        services.AddSingleton<FollowWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<FollowWatch>());
        services.AddSingleton<IWatched, CommitsWatched>();
        services.AddSingleton<IWatched, AnchorsWatched>();
        services.AddSingleton<IWatched, VerificationWatched>();
        services.AddSingleton<IWatched, WorkersWatched>();
        services.AddSingleton<IWatched, DiskWatched>();
        services.AddSingleton<IWatched>(provider => provider.GetRequiredService<GuardWorker>());
        services.AddSingleton<IWatched>(provider => provider.GetRequiredService<FollowWatch>().Followers);
        services.AddSingleton<IWatched>(provider => provider.GetRequiredService<FollowWatch>().Webhooks);
        services.AddHostedService<StallWatch>();
    }
}
