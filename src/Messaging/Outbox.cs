using Marten;
using Npgsql;
using Wolverine;
using Wolverine.Marten;
using Wolverine.Runtime;

namespace Bifrost.Messaging;

/// <summary>Rows and messages that are there together or not at all.</summary>
public sealed class Outbox(IDocumentStore store, IWolverineRuntime runtime)
{
    /// <summary>Begins a transaction; without <see cref="OutboxTransaction.Commit"/> nothing of it stays.</summary>
    public async Task<OutboxTransaction> Begin(CancellationToken cancel)
    {
        var session = store.LightweightSession();
        try
        {
            await session.BeginTransactionAsync(cancel);
            return new OutboxTransaction(session, new MartenOutbox(runtime, session));
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }
}

/// <summary>One transaction of <see cref="Outbox"/>.</summary>
public sealed class OutboxTransaction : IAsyncDisposable
{
    private readonly IDocumentSession session;
    private readonly MartenOutbox messages;

    internal OutboxTransaction(IDocumentSession session, MartenOutbox messages) =>
        (this.session, this.messages) = (session, messages);

    /// <summary>A command that runs within the transaction.</summary>
    public NpgsqlCommand Command(string sql) => new(sql, session.Connection);

    /// <summary>Sent once the transaction is committed.</summary>
    /// <param name="delay">How long to wait with it; null for now.</param>
    public async Task Send<T>(T message, TimeSpan? delay = null)
    {
        if (delay is { } wait && wait > TimeSpan.Zero)
            await messages.ScheduleAsync(message, wait);
        else
            await messages.PublishAsync(message);
    }

    public Task Commit(CancellationToken cancel)
    {
        // A session that has nothing to write does not commit.
        session.QueueSqlCommand("SELECT 1");
        return session.SaveChangesAsync(cancel);
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();
}
