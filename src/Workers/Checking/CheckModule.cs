using Microsoft.Extensions.DependencyInjection;

namespace Bifrost.Workers.Checking;

/// <summary>The checks of the tables against the log, and the snapshots that make reading the log short.</summary>
public static class CheckModule
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<ProjectionCheck>();
        services.AddHostedService<CheckWorker>();
        services.AddHostedService<SnapshotWorker>();
    }
}
