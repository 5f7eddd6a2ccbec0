using JasperFx;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Daemon;
using Marten.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Messaging.Following;

/// <summary>Marten's daemon for the followers of this node, which is there while it has any.</summary>
internal sealed class FollowerDaemon(
    IDocumentStore store,
    CommitWakeup wakeup,
    [FromKeyedServices(MessagingModule.Connections)] NpgsqlDataSource database,
    ILogger<FollowerDaemon> logger) : IAsyncDisposable
{
    // For one that has read nothing there is no row: Marten adds it with the first events.
    private const string Advance =
        """
        INSERT INTO events.mt_event_progression (name, last_seq_id) SELECT $1, $2 WHERE $2 > 0
        ON CONFLICT (name) DO UPDATE
        SET last_seq_id = EXCLUDED.last_seq_id, last_updated = transaction_timestamp()
        WHERE mt_event_progression.last_seq_id < EXCLUDED.last_seq_id
        """;

    private readonly SemaphoreSlim gate = new(1);
    private readonly HashSet<string> followers = [];
    private IProjectionDaemon? daemon;

    /// <summary>Has a follower run on this node, from where it came to or from behind a sequence.</summary>
    public async Task Start(string name, long after, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            await SkipTo(name, after, cancel);
            daemon ??= new ProjectionDaemon(
                (DocumentStore)store, (MartenDatabase)store.Storage.Database, logger, new CommittedLog(database));
            followers.Add(name);
            // One that has failed is still there.
            await daemon.StopAgentAsync(new ShardName(name));
            await daemon.StartAgentAsync(new ShardName(name), cancel);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Ends it behind the events that it has in hand.</summary>
    public async Task Stop(string name)
    {
        await gate.WaitAsync();
        try
        {
            if (daemon is null || !followers.Remove(name))
                return;
            await daemon.StopAgentAsync(new ShardName(name));
            if (followers.Count == 0)
                await End();
        }
        finally
        {
            gate.Release();
        }
    }

    public bool IsRunning(string name) =>
        Volatile.Read(ref daemon)?.StatusFor(new ShardName(name).Identity) == AgentStatus.Running;

    public async ValueTask DisposeAsync()
    {
        await gate.WaitAsync();
        if (daemon is not null)
            await End();
        gate.Dispose();
    }

    private async Task End()
    {
        var ended = daemon!;
        daemon = null;
        await ended.StopAllAsync();
        ended.Dispose();
        wakeup.Rest();
    }

    private async Task SkipTo(string name, long after, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Advance);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = new ShardName(name).Identity });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
