using Bifrost.Audit.Anchors;
using Bifrost.Audit.Proofs;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Audit.Exporting;

/// <summary>
/// Proves that each event of a part stands where it does in the log that an anchor attests: for the events that are
/// left out the part has the nodes of the tree that stand for them, so whoever reads it computes the anchor's root.
/// </summary>
/// <remarks>Remembers nothing but its place, so memory does not grow with the part or with the log.</remarks>
internal sealed class PartProofs : IDisposable
{
    private readonly LogTree tree;
    private long next;

    private PartProofs(Anchor anchor, LogTree tree) => (Anchor, this.tree) = (anchor, tree);

    public Anchor Anchor { get; }

    /// <summary>The last event that was proved; null before there is one.</summary>
    public SealedEvent? Last { get; private set; }

    /// <summary>Against the newest anchor; opened before the snapshot, which so has all that it attests.</summary>
    /// <returns>Null where nothing is anchored, or the tree is not kept here.</returns>
    public static PartProofs? Open(AuditFolder kept) =>
        AnchorFile.Latest(kept.Anchors) is { } anchor && LogTree.StoredSize(kept.Tree) >= anchor.Size
            ? new PartProofs(anchor, LogTree.Read(kept.Tree, anchor.Size))
            : null;

    /// <returns>
    /// The event's place among the leaves, and the nodes between it and the event before it in the part; null where it
    /// was recorded after the anchor.
    /// </returns>
    /// <exception cref="AuditException">The log is not what the anchor attests.</exception>
    public (long Index, IReadOnlyList<byte[]> Gap)? Prove(SealedEvent e)
    {
        if (e.Sequence > Anchor.Sequence)
            return null;
        var index = next < Anchor.Size && tree.Leaf(next).Sequence == e.Sequence ? next : tree.IndexOf(e.Sequence);
        if (index is not { } place || place < next || !tree.Leaf(place).IsSameAs(new LogLeaf(e.Sequence, e.Hash)))
            throw Changed($"Event {e.Sequence}");
        var gap = tree.Cover(next, place);
        (next, Last) = (place + 1, e);
        return (place, gap);
    }

    /// <summary>The nodes behind the part's last event, up to the end of what is attested.</summary>
    public IReadOnlyList<byte[]> Rest() => tree.Cover(next, Anchor.Size);

    /// <summary>Proves which event was a portfolio's last one.</summary>
    /// <returns>Null where the anchor is from before that was signed.</returns>
    /// <exception cref="AuditException">The log is not what the anchor attests.</exception>
    public async Task<IReadOnlyList<byte[]>?> HeadPath(
        NpgsqlConnection connection, int portfolioId, CancellationToken cancel)
    {
        if (Anchor.Heads is not { } signed)
            return null;
        var heads = await HeadsTree.Read(connection, Anchor.Sequence, cancel);
        return Convert.ToHexStringLower(heads.Root()) == signed
            ? heads.Path(portfolioId)
            : throw Changed("The last event of some portfolio");
    }

    public void Dispose() => tree.Dispose();

    private AuditException Changed(string what) => new(
        $"{what} is not what the anchor of {Anchor.At} attests. './bifrost audit verify' names what is wrong.");
}
