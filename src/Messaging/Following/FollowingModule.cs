using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Wolverine.Marten;
using Wolverine.Runtime.Agents;

namespace Bifrost.Messaging.Following;

/// <summary>Handlers for what follows a commit.</summary>
public static class FollowingModule
{
    // Behind a transaction that was rolled back its sequences are missing. That they will not come is certain only when
    // no transaction is left that could bring them, which the daemon looks at by itself after this time.
    private static readonly TimeSpan GapPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>Has a follower run while it is wanted.</summary>
    /// <param name="name">Lower case, words joined by hyphens; its place in the log is kept under it.</param>
    public static IServiceCollection AddFollower<T>(this IServiceCollection services, string name)
        where T : class, IFollower
    {
        services.AddSingleton<T>();
        services.AddSingleton(
            provider => new KnownFollower(name, new Lazy<IFollower>(provider.GetRequiredService<T>)));
        services.AddSingleton(new FollowerName<T>(name));
        return services.SubscribeToEventsWithServices<FollowerSubscription<T>>(ServiceLifetime.Singleton);
    }

    internal static void Add(IServiceCollection services)
    {
        services.AddSingleton<CommitWakeup>();
        services.AddSingleton<FollowerDaemon>();
        services.AddSingleton<IAgentFamily, FollowerAgents>();
        services.ConfigureMarten((provider, options) =>
        {
            options.Projections.AsyncMode = DaemonMode.ExternallyManaged;
            options.Events.UseListenNotifyForEventAppends = false;
            options.Projections.Wakeup = provider.GetRequiredService<CommitWakeup>();
            options.Projections.StaleSequenceThreshold = GapPatience;
        });
    }
}
