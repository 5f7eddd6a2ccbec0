using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Bifrost.Jobs;

/// <summary>Jobs and schedules. Their kinds are registered by whoever has them, as <see cref="IJobKind"/>.</summary>
public static class JobModule
{
    /// <summary>Expects <see cref="Messaging.MessagingModule"/> to be registered as well.</summary>
    public static void Add(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(JobPace.Usual);
        services.AddSingleton<JobKinds>();
        services.AddSingleton<JobStore>();
        services.AddSingleton<JobControl>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<Schedules>();
        services.AddHostedService<ScheduleClock>();
        services.AddHostedService<JobWorkers>();
    }
}
