using Bifrost.Audit.Keys;
using Bifrost.Audit.Proofs;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Audit.Anchors;

/// <summary>
/// Takes what was recorded into the tree over the log and signs what the log is now. One process of those that share a
/// folder does so.
/// </summary>
/// <remarks>
/// Nothing is signed that contradicts what was signed before: where the log has lost or changed an event that is
/// anchored, anchoring ends, loudly, and the files stay as they are, as evidence. The same holds where the anchors
/// were cut off, where the key is gone or is another one, and while the clock says a time before that of the newest
/// anchor.
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
    private readonly TimeProvider clock;
    private readonly LogTree tree;
    private HeadsTree? heads;

    private AnchorSigner(NpgsqlDataSource database, AuditFolder folder, LogTree tree, TimeProvider clock)
    {
        (this.database, this.folder, this.tree, this.clock) = (database, folder, tree, clock);
        Latest = AnchorFile.Latest(folder.Anchors);
    }

    public Anchor? Latest { get; private set; }

    /// <summary>The id of the key that this signer made, because there was none and nothing was signed yet.</summary>
    public string? MadeKey { get; private set; }

    /// <exception cref="IOException">Another process is anchoring in this folder.</exception>
    public static AnchorSigner Open(NpgsqlDataSource database, AuditFolder folder, TimeProvider clock) =>
        new(database, folder, LogTree.Open(folder.Tree), clock);

    /// <returns>Null where another process, such as another node of the cluster, is anchoring in this folder.</returns>
    public static AnchorSigner? TryOpen(NpgsqlDataSource database, AuditFolder folder, TimeProvider clock) =>
        LogTree.TryOpen(folder.Tree) is { } tree
            ? new AnchorSigner(database, folder, tree, clock)
            : null;

    /// <summary>Anchors what was recorded since; does nothing where nothing was.</summary>
    /// <returns>The new anchor, if any.</returns>
    /// <exception cref="AuditException">
    /// The log is not what it was when it was anchored; or the key, the anchors or the clock are not.
    /// </exception>
    public async Task<Anchor?> Sign(CancellationToken cancel)
    {
        heads ??= await ReadHeads(cancel);
        while (await ReadOn(heads, cancel) == Batch)
            cancel.ThrowIfCancellationRequested();
        // Nobody puts another key in the place of this one until the anchor is on the disk.
        using var held = KeyLock.Take(folder.Root);
        CheckAnchors();
        using var key = SigningKey.Open(folder, Latest, out var made);
        if (made)
            MadeKey = key.Id;
        if (Latest is { } known)
            Check(known);
        if (tree.Size == (Latest?.Size ?? 0))
            return null;
        tree.Flush();
        var anchor = Sign(heads, key);
        AnchorFile.Append(folder, anchor);
        return Latest = anchor;
    }

    public void Dispose() => tree.Dispose();

    private Anchor Sign(HeadsTree lastEvents, AnchorKey key)
    {
        var now = clock.GetUtcNow();
        var since = KeyFile.Read(folder.Keys, mayGrow: true).Statements is [.., var last] ? last.At : null;
        foreach (var before in (string?[])[Latest?.At, since])
        {
            if (string.CompareOrdinal(EventHash.Text(now), before) < 0)
            {
                throw new AuditException(
                    $"The clock says {EventHash.Text(now)}, and {before} was signed before. Nothing is anchored "
                    + "until it is later: put the clock right.");
            }
        }
        var others = new List<(string Name, AnchorKey Key)>();
        try
        {
            foreach (var other in folder.CoSigners)
                others.Add((other.Name, AnchorKey.Open(other.Key)));
            var log = new LogState(
                folder.Log, tree.Size, tree.LastSequence, Convert.ToHexStringLower(tree.Root(tree.Size)))
            {
                Heads = Convert.ToHexStringLower(lastEvents.Root()),
            };
            return Anchor.Sign(log, now, key, others);
        }
        finally
        {
            others.ForEach(other => other.Key.Dispose());
        }
    }

    // What was signed before is on the disk in two places, so that neither is lost in silence.
    private void CheckAnchors()
    {
        var latest = AnchorFile.Latest(folder.Anchors);
        var newest = AnchorFile.ReadNewest(folder.Newest);
        foreach (var signed in (Anchor?[])[Latest, newest])
        {
            if (signed is not null && signed.Size > (latest?.Size ?? 0))
                throw AnchorTrust.Cut(folder, signed);
        }
        Latest = latest;
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
