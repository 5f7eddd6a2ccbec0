using Bifrost.MarketData.Prices;
using Bifrost.Workers.Watching;

namespace Bifrost.Api.Events;

/// <summary>What the streams of a server share.</summary>
internal sealed class EventStreams(
    EventTail tail,
    EventPages pages,
    PriceBoard prices,
    Bell bell,
    IHostApplicationLifetime lifetime,
    ILogger<EventStreams> logger,
    ServerOptions options)
{
    public EventTail Tail => tail;

    public EventPages Pages => pages;

    public PriceBoard Prices => prices;

    public Bell Bell => bell;

    public IHostApplicationLifetime Lifetime => lifetime;

    public ILogger Logger => logger;

    /// <summary>A stream that has been quiet for this long says that it lives.</summary>
    public TimeSpan Heartbeat => options.Heartbeat;

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<Bell>();
        services.AddSingleton<EventPages>();
        services.AddSingleton<EventTail>();
        services.AddSingleton<PriceBoard>();
        services.AddSingleton<EventStreams>();
        services.AddSingleton<IWatched, StreamsWatched>();
        services.AddHostedService(provider => provider.GetRequiredService<EventTail>());
        services.AddHostedService(provider => provider.GetRequiredService<PriceBoard>());
    }
}
