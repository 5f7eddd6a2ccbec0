using Bifrost.Messaging.Following;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Wolverine;

namespace Bifrost.Webhooks;

/// <summary>Other programs are told of events by requests to them.</summary>
public static class WebhookModule
{
    /// <summary>Expects <see cref="Messaging.MessagingModule"/> to be registered as well.</summary>
    public static void Add(IServiceCollection services, WebhookOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<WebhookStore>();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<WebhookDelivery>();
        services.AddSingleton<WebhookReplay>();
        services.AddFollower<WebhookFollower>(WebhookFollower.Name);
        services.AddSingleton<IWolverineExtension, WebhookMessages>();
    }
}
