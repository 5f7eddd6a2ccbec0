using Bifrost.Audit.Anchors;
using Microsoft.Extensions.DependencyInjection;

namespace Bifrost.Workers.Anchors;

/// <summary>The signing of anchors, where they are kept.</summary>
public static class AnchorModule
{
    public static void Add(IServiceCollection services, AuditOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<AnchorArchive>();
        services.AddSingleton<AnchorState>();
        if (options.Root is not null)
            services.AddHostedService<AnchorWorker>();
        if (options.Root is not null && options.Hooks.Count > 0)
            services.AddHostedService<OutsideWorker>();
    }
}
