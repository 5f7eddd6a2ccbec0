using Bifrost.Audit.Proofs;
using Npgsql;

namespace Bifrost.Audit.Anchors;

/// <summary>
/// Takes what was recorded into the tree over the log and signs what the log is now. One process of those that share a
/// folder does so.
/// </summary>
/// <remarks>
/// Nothing is signed that contradicts what was signed before: where the log has lost or changed an event that is
/// anchored, anchoring ends, loudly, and the files stay as they are, as evidence.
/// </remarks>
public sealed class AnchorSigner : IDisposable
{
    private const int Batch = 20_000;

    private const string NewLeaves =
        """
        SELECT seq_id, hash, portfolio_id, version FROM ledger.portfolio_event
        WHERE seq_id >= $1 ORDER BY seq_id LIMIT $2
        """;

    private readonly NpgsqlDataSource database;
    private readonly AuditFolder folder;
    private readonly AnchorKey key;
    private readonly TimeProvider clock;
    private readonly LogTree tree;
    private HeadsTree? heads;

    private AnchorSigner(
        NpgsqlDataSource database, AuditFolder folder, AnchorKey key, LogTree tree, TimeProvider clock)
    {
        (this.database, this.folder, this.key, this.tree, this.clock) = (database, folder, key, tree, clock);
        Latest = AnchorFile.Latest(folder.Anchors);
    }

    public Anchor? Latest { get; private set; }

    /// <exception cref="IOException">Another process is anchoring in this folder.</exception>
    public static AnchorSigner Open(NpgsqlDataSource database, AuditFolder folder, TimeProvider clock) =>
        new(database, folder, AnchorKey.Open(folder.Key), LogTree.Open(folder.Tree), clock);

    /// <returns>Null where another process, such as another node of the cluster, is anchoring in this folder.</returns>
    public static AnchorSigner? TryOpen(NpgsqlDataSource database, AuditFolder folder, TimeProvider clock) =>
        LogTree.TryOpen(folder.Tree) is { } tree
            ? new AnchorSigner(database, folder, AnchorKey.Open(folder.Key), tree, clock)
            : null;

    /// <summary>Anchors what was recorded since; does nothing where nothing was.</summary>
    /// <returns>The new anchor, if any.</returns>
    /// <exception cref="AuditException">The log is not what it was when it was anchored.</exception>
    public async Task<Anchor?> Sign(CancellationToken cancel)
    {
        heads ??= await ReadHeads(cancel);
        while (await ReadOn(heads, cancel) == Batch)
            cancel.ThrowIfCancellationRequested();
        if (Latest is { } known)
            Check(known);
        if (tree.Size == (Latest?.Size ?? 0))
            return null;
        tree.Flush();
        var anchor = Anchor.Sign(folder, tree, heads, clock.GetUtcNow(), key);
        AnchorFile.Append(folder.Anchors, anchor);
        return Latest = anchor;
    }

    public void Dispose()
    {
        tree.Dispose();
        key.Dispose();
    }

    // They are not kept, as they follow from the log; what was signed of them tells whether they still do.
    private async Task<HeadsTree> ReadHeads(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var read = await HeadsTree.Read(connection, tree.LastSequence, cancel);
        return Latest is { Heads: { } signed } && Latest.Size == tree.Size
            && signed != Convert.ToHexStringLower(read.Root())
            ? throw new AuditException(
                $"The last events of the portfolios are not what the anchor of {Latest.At} attests. No more is "
                + "anchored; './bifrost audit verify' names the first event that is wrong.")
            : read;
    }

    // The last known leaf is read again, so that a log that was cut off behind it is noticed.
    private async Task<int> ReadOn(HeadsTree into, CancellationToken cancel)
    {
        var known = tree.Size == 0 ? (LogLeaf?)null : tree.Leaf(tree.Size - 1);
        await using var command = database.CreateCommand(NewLeaves);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = known?.Sequence ?? 0 });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var read = 0;
        while (await reader.ReadAsync(cancel))
        {
            var leaf = new LogLeaf(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
            if (read++ > 0 || known is null)
            {
                tree.Append(leaf);
                into.Set(new PortfolioHead(
                    reader.GetInt32(2), reader.GetInt64(3), leaf.Sequence, leaf.EventHash));
            }
            else if (!leaf.IsSameAs(known.Value))
                throw Changed(known.Value.Sequence);
        }
        return read == 0 && known is { } gone ? throw Changed(gone.Sequence) : read;
    }

    private void Check(Anchor known)
    {
        if (known.Log != folder.Log)
            throw new AuditException($"{folder.Anchors} is of the log {known.Log}, and this is {folder.Log}.");
        if (tree.Size < known.Size || Convert.ToHexStringLower(tree.Root(known.Size)) != known.Root)
        {
            throw new AuditException(
                $"The log is not what the anchor of {known.At} attests ({known.Size} events through {known.Sequence}). "
                + "No more is anchored; './bifrost audit verify' names the first event that is wrong.");
        }
    }

    private static AuditException Changed(long sequence) => new(
        $"Event {sequence} was anchored and is gone, or is another one now. No more is anchored; "
        + "'./bifrost audit verify' names the first event that is wrong.");
}
