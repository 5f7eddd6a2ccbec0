using Bifrost.Audit.Anchors;
using Bifrost.Audit.Exporting;
using Bifrost.Audit.Proofs;
using Bifrost.EventStore;

namespace Bifrost.Audit.Chains;

/// <summary>
/// Checks that a file is the part of a log that was expected, and all of it: its events against each other, and against
/// what an anchor attests. Remembers the last hash of each portfolio and no event.
/// </summary>
/// <remarks>
/// Nothing that the file says of itself is taken for granted. The events and the nodes of the tree between them give
/// the anchor's root, or they are not what was attested. That nothing is missing within a span of the log is seen by
/// there being no nodes between its events; within a portfolio's history by its chain, at its end by the anchor's
/// heads. At the times where a part begins and ends, an event from beyond them stands in the file.
/// </remarks>
/// <param name="anchor">The one to check against; its signature has been checked. Null where there is none.</param>
internal sealed class PartCheck(ExportScope expected, Anchor? anchor, Findings findings)
{
    private readonly Dictionary<int, (long Version, byte[] Hash)> heads = [];
    private readonly CompactTree tree = new();
    private SealedEvent? first;
    private SealedEvent? last;
    private SealedEvent? beforeLast;
    private SealedEvent? lastProved;
    private bool isTreeBroken;
    private bool hasTail;

    public long Events { get; private set; }

    public int Portfolios => heads.Count;

    /// <summary>Events that the anchor attests; known at the end.</summary>
    public long Attested { get; private set; }

    private long Proved { get; set; }

    public void Add(ExportedEvent line)
    {
        var e = line.Sealed;
        Events++;
        if (e.Sequence <= (last?.Sequence ?? 0))
            findings.Add(e.Sequence, $"it stands after event {last?.Sequence ?? 0}: the two were swapped");
        if (expected.PortfolioId is { } portfolioId && e.Event.PortfolioId != portfolioId)
        {
            findings.Add(
                e.Sequence, $"it is of portfolio {e.Event.PortfolioId}, and portfolio {portfolioId} was asked for");
        }
        Follow(line);
        CheckTimes(e, line.Index);
        if (anchor is not null)
            Prove(anchor, line);
        (first, beforeLast, last) = (first ?? e, last, e);
    }

    /// <summary>To be called after the last event.</summary>
    public void End(ExportEnd end)
    {
        if (expected.PortfolioId is null && IsBehind(last) && IsBehind(beforeLast))
            findings.Add(last!.Sequence, NotAsked(last));
        if (anchor is null || lastProved is not { } proved)
            return;
        var isClosed = IsBehind(proved);
        if (isClosed && hasTail)
            findings.Add(last!.Sequence, "it stands behind the event that ends the part");
        if (isClosed && end.Head is not null)
            findings.Add(proved.Sequence, "the part ends with it, and proves another end that nothing asks for");
        if (expected.PortfolioId is null)
        {
            if (!isClosed && end.Gap.Count > 0)
                findings.Add(proved.Sequence, "the log goes on behind it, and the part does not: its end was left out");
        }
        else if (!isClosed)
        {
            CheckHead(anchor, proved, end);
        }
        if (!isTreeBroken && Fill(anchor, anchor.Size, end.Gap, proved) && IsRoot(anchor))
            Attested = Proved;
        else if (!isTreeBroken)
        {
            findings.Add(
                first!.Sequence,
                $"the part that begins with it is not in the log that the anchor of {anchor.At} attests: an event was "
                + "changed, inserted or moved, or the chain was written anew");
        }
    }

    private void Follow(ExportedEvent line)
    {
        var e = line.Sealed;
        var (portfolioId, version) = (e.Event.PortfolioId, e.Event.Place.PortfolioVersion);
        // What a part begins with follows a hash that its own covers, and its own is proved.
        var (known, previous) = heads.TryGetValue(portfolioId, out var head)
            ? head
            : (version - 1, version == 1 ? EventHash.Beginning : line.Previous);
        if (version != known + 1)
            findings.Add(e.Sequence, $"it is version {version} of portfolio {portfolioId} and follows version {known}");
        else if (!previous.AsSpan().SequenceEqual(line.Previous))
            findings.Add(e.Sequence, "the hash that it says it follows is not that of the event before it");
        else if (version < 1 || !EventHash.Of(previous, e.Event, e.Payload).AsSpan().SequenceEqual(e.Hash))
            findings.Add(e.Sequence, "its hash is not that of what it says and of what is before it: it was changed");
        heads[portfolioId] = (version, e.Hash);
    }

    private void CheckTimes(SealedEvent e, long? index)
    {
        var at = e.Event.RecordedAt.UtcDateTime;
        if (last is null)
        {
            var isBeginning = expected.PortfolioId is null ? index == 0 : e.Event.Place.PortfolioVersion == 1;
            // Of a span that is not proved nobody knows whether it begins with the log.
            var isKnown = expected.PortfolioId is not null || (anchor is not null && index is not null);
            if (isKnown && !isBeginning && !(at < expected.From))
                findings.Add(e.Sequence, "the part begins with it, and something stands before it: that was left out");
            return;
        }
        // Of clocks that differ a span may have events of other times in its midst, but not at its ends.
        var isOfPortfolio = expected.PortfolioId is not null;
        var isSecond = ReferenceEquals(first, last) && last.Event.RecordedAt.UtcDateTime < expected.From;
        if ((at < expected.From && (isOfPortfolio || isSecond)) || (isOfPortfolio && IsBehind(last)))
            findings.Add(e.Sequence, NotAsked(e));
    }

    private bool IsBehind(SealedEvent? e) => e?.Event.RecordedAt.UtcDateTime >= expected.To;

    private static string NotAsked(SealedEvent e) =>
        $"it was recorded at {EventHash.Text(e.Event.RecordedAt)} or behind such an event, which is not asked for";

    private void Prove(Anchor against, ExportedEvent line)
    {
        var e = line.Sealed;
        if (line.Index is not { } index)
        {
            if (e.Sequence <= against.Sequence)
                findings.Add(e.Sequence, $"it is not proved, and the anchor of {against.At} attests all of its time");
            hasTail = true;
            return;
        }
        if (isTreeBroken)
            return;
        if (hasTail || e.Sequence > against.Sequence || index < tree.Size || index >= against.Size)
        {
            isTreeBroken = true;
            findings.Add(e.Sequence, $"its place in the tree, {index}, cannot be: it was moved");
            return;
        }
        if (expected.PortfolioId is null && lastProved is not null && line.Gap.Count > 0)
            findings.Add(e.Sequence, $"events between event {lastProved.Sequence} and it were left out");
        if (!Fill(against, index, line.Gap, e))
            return;
        tree.Append(new LogLeaf(e.Sequence, e.Hash).Hash);
        (lastProved, Proved) = (e, Proved + 1);
    }

    private bool Fill(Anchor against, long until, IReadOnlyList<byte[]> nodes, SealedEvent at)
    {
        var levels = MerkleTree.Cover(tree.Size, until).ToList();
        if (levels.Count != nodes.Count)
        {
            isTreeBroken = true;
            findings.Add(
                at.Sequence,
                $"its proof has {nodes.Count} nodes where the tree of the anchor of {against.At} has {levels.Count}");
            return false;
        }
        foreach (var (level, node) in levels.Zip(nodes))
            tree.Append(node, level);
        return true;
    }

    private bool IsRoot(Anchor against) =>
        Convert.ToHexStringLower(tree.Root()) == against.Root;

    private void CheckHead(Anchor against, SealedEvent proved, ExportEnd end)
    {
        if (against.Heads is not { } heads)
        {
            findings.Add(
                proved.Sequence,
                $"nothing tells whether it is the last of its portfolio: the anchor of {against.At} is from before "
                + "anchors said so. Export it again, to be proved against a newer one");
            return;
        }
        var head = new PortfolioHead(
            proved.Event.PortfolioId, proved.Event.Place.PortfolioVersion, proved.Sequence, proved.Hash);
        if (end.Head is null || !HeadsTree.Includes(head, end.Head, Convert.FromHexString(heads)))
        {
            findings.Add(
                proved.Sequence,
                $"it is not the last event of its portfolio that the anchor of {against.At} attests: those behind it "
                + "were left out");
        }
    }
}
