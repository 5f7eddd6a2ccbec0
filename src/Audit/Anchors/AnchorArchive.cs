using Bifrost.Audit.Keys;
using Bifrost.Audit.Outside;
using Bifrost.Audit.Proofs;
using Npgsql;

namespace Bifrost.Audit.Anchors;

/// <summary>Where anchors are kept.</summary>
/// <param name="Root">The folder of all logs; null where none are kept.</param>
/// <param name="Key">The file of the key to sign with; one of the root's own where it is null.</param>
public sealed record AuditOptions(string? Root = null, string? Key = null)
{
    /// <summary>How long after an event the next anchor is signed at the latest.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Who else signs each anchor.</summary>
    public IReadOnlyList<CoSigner> CoSigners { get; init; } = [];

    /// <summary>What takes anchors to places outside.</summary>
    public IReadOnlyList<AnchorHook> Hooks { get; init; } = [];

    /// <summary>How long after one anchor the next is taken outside at the soonest.</summary>
    public TimeSpan HooksEvery { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>Proves that an event is in the log that an anchor attests.</summary>
/// <param name="Index">The place of the event among the leaves, from zero.</param>
public sealed record InclusionProof(LogLeaf Leaf, long Index, IReadOnlyList<byte[]> Path, Anchor Anchor);

/// <summary>Proves that the log of a later anchor begins with that of an earlier one.</summary>
public sealed record ConsistencyProof(Anchor From, Anchor To, IReadOnlyList<byte[]> Path);

/// <summary>What has been anchored, for those who ask.</summary>
public sealed class AnchorArchive(NpgsqlDataSource database, AuditOptions options)
{
    private AuditFolder? folder;

    /// <summary>Whether anchors are kept here.</summary>
    public bool IsKept => options.Root is not null;

    /// <summary>The newest anchor; null where there is none yet.</summary>
    /// <exception cref="AuditException">No anchors are kept here.</exception>
    public async Task<Anchor?> Latest(CancellationToken cancel) => AnchorFile.Latest((await Folder(cancel)).Anchors);

    /// <summary>The anchor of a log of so many events; null where there is none.</summary>
    /// <exception cref="AuditException">No anchors are kept here.</exception>
    public async Task<Anchor?> Find(long size, CancellationToken cancel) =>
        AnchorFile.Find((await Folder(cancel)).Anchors, size);

    /// <summary>The keys that signed anchors, the first one first, and what they say of each other.</summary>
    /// <exception cref="AuditException">No anchors are kept here, or what was said is not to be believed.</exception>
    public async Task<(IReadOnlyList<KeySpan> Keys, IReadOnlyList<KeyStatement> Statements)> Keys(
        CancellationToken cancel) => KeyFile.ReadAll(await Folder(cancel));

    /// <summary>Null where the anchor does not attest the event.</summary>
    public async Task<InclusionProof?> Prove(long sequence, Anchor anchor, CancellationToken cancel)
    {
        using var tree = LogTree.Read((await Folder(cancel)).Tree, anchor.Size);
        return tree.IndexOf(sequence) is { } index
            ? new InclusionProof(tree.Leaf(index), index, tree.InclusionPath(index, anchor.Size), anchor)
            : null;
    }

    /// <param name="to">Of at least as many events as <paramref name="from"/>.</param>
    public async Task<ConsistencyProof> Prove(Anchor from, Anchor to, CancellationToken cancel)
    {
        using var tree = LogTree.Read((await Folder(cancel)).Tree, to.Size);
        return new ConsistencyProof(from, to, tree.ConsistencyPath(from.Size, to.Size));
    }

    public async Task<AuditFolder> Folder(CancellationToken cancel) => folder ??= options.Root is { } root
        ? (await AuditFolder.Of(database, root, options.Key, cancel)) with { CoSigners = options.CoSigners }
        : throw new AuditException("No anchors are kept here: BIFROST_HOME says where to keep them.");
}
