using Marten;
using Marten.Services;
using Npgsql;

namespace Bifrost.EventStore;

/// <summary>
/// A session of Marten's whose operations, and the end of its transaction, are one round trip: for who commits a
/// thousand times a second.
/// </summary>
/// <remarks>
/// Marten sends COMMIT by itself and waits for it, which costs as much as a small batch. So the transaction is begun
/// here (Npgsql sends BEGIN with the first statement) and its COMMIT is the session's last operation. A statement that
/// fails skips those behind it, and what was begun is rolled back.
/// </remarks>
public sealed class CommitSession : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;

    private CommitSession(NpgsqlConnection connection, NpgsqlTransaction transaction, IDocumentSession session) =>
        (this.connection, this.transaction, Session) = (connection, transaction, session);

    /// <summary>Takes operations of any kind: documents, outgoing messages, those of the ledger.</summary>
    public IDocumentSession Session { get; }

    /// <param name="writer">Of a role that may do what the operations do.</param>
    public static async Task<CommitSession> Open(NpgsqlDataSource writer, CancellationToken cancel = default)
    {
        var connection = await writer.OpenConnectionAsync(cancel);
        var transaction = await connection.BeginTransactionAsync(cancel);
        var options = SessionOptions.ForTransaction(transaction);
        options.Tracking = DocumentTracking.None;
        return new CommitSession(connection, transaction, LedgerStore.ForCommits(writer).OpenSession(options));
    }

    /// <summary>Durable, with all operations or none, once this has ended.</summary>
    /// <exception cref="PostgresException">The database refused an operation, and with it all.</exception>
    public async Task Commit(CancellationToken cancel = default)
    {
        Session.QueueOperation(new EndTransaction());
        await Session.SaveChangesAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
