using System.Transactions;
using Marten;
using Marten.Services;
using Npgsql;

namespace Bifrost.EventStore;

/// <summary>
/// A session of Marten's that is one round trip, and one transaction: for who commits a thousand times a second.
/// </summary>
/// <remarks>
/// Marten sends BEGIN and COMMIT by themselves and waits for each, which costs as much as a small batch. PostgreSQL
/// makes one transaction of all statements up to a Sync, without being told, and a batch of Npgsql's has one Sync, at
/// its end: so it is enough that Marten sends all of a session in one batch and begins no transaction of its own. A
/// statement that fails ends the transaction, and skips those behind it.
/// </remarks>
public sealed class CommitSession : IAsyncDisposable
{
    // Says that there is a transaction around the session, and is never enlisted in: the database has the only one.
    private static readonly CommittableTransaction Around = new(TimeSpan.Zero);

    private readonly NpgsqlConnection connection;

    private CommitSession(NpgsqlConnection connection, IDocumentSession session) =>
        (this.connection, Session) = (connection, session);

    /// <summary>Takes operations of any kind: documents, outgoing messages, those of the ledger.</summary>
    public IDocumentSession Session { get; }

    /// <param name="writer">Of a role that may do what the operations do.</param>
    public static async Task<CommitSession> Open(NpgsqlDataSource writer, CancellationToken cancel = default)
    {
        var connection = await writer.OpenConnectionAsync(cancel);
        return new CommitSession(connection, LedgerStore.ForCommits(writer).OpenSession(Within(connection)));
    }

    /// <summary>Durable, with all operations or none, once this has ended.</summary>
    /// <exception cref="PostgresException">The database refused an operation, and with it all.</exception>
    public Task Commit(CancellationToken cancel = default) => Session.SaveChangesAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await connection.DisposeAsync();
    }

    private static SessionOptions Within(NpgsqlConnection connection)
    {
        var outer = Transaction.Current;
        Transaction.Current = Around;
        try
        {
            return SessionOptions.ForConnection(connection).EnlistInAmbientTransactionScope()
                .WithTracking(DocumentTracking.None);
        }
        finally
        {
            Transaction.Current = outer;
        }
    }
}
