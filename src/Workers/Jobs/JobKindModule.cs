using Bifrost.Audit.Anchors;
using Bifrost.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Bifrost.Workers.Jobs;

/// <summary>The kinds of jobs that the modules of this server have.</summary>
public static class JobKindModule
{
    /// <summary>Expects <see cref="JobModule"/> and the modules whose work it is to be registered as well.</summary>
    /// <param name="database">An Npgsql connection string of the database's owner.</param>
    public static void Add(IServiceCollection services, string database)
    {
        services.AddSingleton<IJobKind, IngestJob>();
        services.AddSingleton<IJobKind>(_ => new RebuildJob(database));
        services.AddSingleton<IJobKind, ExportJob>();
        services.AddSingleton<IJobKind>(provider => new AuditJob(
            provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<AnchorArchive>()));
        services.AddSingleton<IJobKind>(provider => new MarketRetentionJob(
            provider.GetRequiredKeyedService<NpgsqlDataSource>(MarketModule.Connections)));
        services.AddSingleton<IJobKind, JobRetentionJob>();
        services.AddSingleton<IJobKind, WebhookReplayJob>();
        services.AddSingleton<IJobKind, WebhookRetentionJob>();
    }
}
