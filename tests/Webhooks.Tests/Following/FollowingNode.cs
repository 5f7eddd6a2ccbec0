using Bifrost.Messaging;
using Bifrost.Messaging.Following;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bifrost.Webhooks.Tests.Following;

/// <summary>What the recorders of all nodes of a test share: whether anybody wants what they record.</summary>
public sealed class Demand
{
    private long after = -1;

    public long? After
    {
        get => Interlocked.Read(ref after) is >= 0 and var sequence ? sequence : null;
        set => Interlocked.Exchange(ref after, value ?? -1);
    }
}

/// <summary>Writes down every event that it is handed, in the transaction that moves its place.</summary>
public sealed class Recorder(Demand demand) : IFollower
{
    public const string Name = "recorder";

    public const string Table =
        """
        CREATE TABLE work.seen (place bigserial, sequence bigint NOT NULL, node uuid NOT NULL);
        GRANT SELECT, INSERT ON work.seen TO work_service_user;
        GRANT USAGE ON SEQUENCE work.seen_place_seq TO work_service_user
        """;

    public Guid Node { get; } = Guid.NewGuid();

    public ValueTask<long?> WantedAfter(CancellationToken cancel) => ValueTask.FromResult(demand.After);

    public Task Follow(FollowedEvents events, CancellationToken cancel)
    {
        events.Write(
            "INSERT INTO work.seen (sequence, node) SELECT s, ? FROM unnest(?) AS s",
            Node,
            events.Events.Select(e => e.Sequence).ToArray());
        return Task.CompletedTask;
    }
}

/// <summary>A process that has a recorder and nothing else, as far as the database can tell.</summary>
public sealed class FollowingNode : IAsyncDisposable
{
    private readonly IHost host;

    private FollowingNode(IHost host) => this.host = host;

    public Guid Id => host.Services.GetRequiredService<Recorder>().Node;

    internal FollowerDaemon Daemon => host.Services.GetRequiredService<FollowerDaemon>();

    public bool Runs => Daemon.IsRunning(Recorder.Name);

    public static async Task<FollowingNode> Start(string database, Demand demand)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(demand);
        builder.Services.AddFollower<Recorder>(Recorder.Name);
        MessagingModule.Add(builder, database);
        var host = builder.Build();
        await host.StartAsync();
        return new FollowingNode(host);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        if (host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}
