using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wolverine.Marten;
using Wolverine.Runtime.Agents;

namespace Bifrost.Messaging.Following;

/// <summary>Handlers for what follows a commit.</summary>
public static class FollowingModule
{
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
        services.AddSingleton(provider => new FollowerPlaces(
            provider.GetServices<KnownFollower>(),
            provider.GetRequiredKeyedService<NpgsqlDataSource>(MessagingModule.Connections)));
        services.AddSingleton<IAgentFamily, FollowerAgents>();
        services.ConfigureMarten((provider, options) =>
        {
            options.Projections.AsyncMode = DaemonMode.ExternallyManaged;
            options.Projections.Wakeup = provider.GetRequiredService<CommitWakeup>();
        });
    }
}
