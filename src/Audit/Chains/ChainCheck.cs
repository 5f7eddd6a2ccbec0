using Bifrost.Audit.Anchors;
using Bifrost.Audit.Proofs;
using Bifrost.EventStore;

namespace Bifrost.Audit.Chains;

/// <summary>
/// Checks events as they come, in commit order: each against the one before it in its portfolio, and all of them
/// against what anchors say that the log was. Remembers the last hash of each portfolio and no event.
/// </summary>
/// <param name="anchors">Those to check against, oldest first; their signatures have been checked.</param>
/// <param name="leaves">
/// The leaves that the anchors were made of, where they are at hand: the first one that differs tells which event was
/// changed, where an anchor alone tells only that one was.
/// </param>
internal sealed class ChainCheck(IReadOnlyList<Anchor> anchors, Findings findings, LogTree? leaves = null)
{
    private readonly Dictionary<int, (long Version, byte[] Hash, DateTimeOffset RecordedAt)> heads = [];
    private readonly HeadsTree lastEvents = new();
    private readonly CompactTree tree = new();
    private int nextAnchor;
    private bool isTreeBroken;
    private long lastSequence;

    public long Events { get; private set; }

    public int Portfolios => heads.Count;

    /// <summary>Events that an anchor attests.</summary>
    public long Anchored { get; private set; }

    public void Add(SealedPlace place)
    {
        if (place.Problem is { } problem)
            Found(place.Sequence, problem);
        if (place.Event is { } sealedEvent)
            Add(sealedEvent);
        lastSequence = place.Sequence;
    }

    /// <param name="previous">The hash that the event says it follows.</param>
    public void Add(SealedEvent e, byte[] previous)
    {
        if (heads.TryGetValue(e.Event.PortfolioId, out var head)
            ? !head.Hash.AsSpan().SequenceEqual(previous)
            : previous.AsSpan().ContainsAnyExcept((byte)0))
        {
            findings.Add(e.Sequence, "the hash that it says it follows is not that of the event before it");
        }
        Add(e);
        lastSequence = e.Sequence;
    }

    private void Add(SealedEvent e)
    {
        Events++;
        if (e.Sequence <= lastSequence)
            Found(e.Sequence, $"it stands after event {lastSequence}: the two were swapped");
        Follow(e);
        Grow(
            new LogLeaf(e.Sequence, e.Hash),
            new PortfolioHead(e.Event.PortfolioId, e.Event.Place.PortfolioVersion, e.Sequence, e.Hash));
    }

    /// <summary>To be called after the last event.</summary>
    public void End()
    {
        if (isTreeBroken || nextAnchor == anchors.Count)
            return;
        var newest = anchors[^1];
        var first = leaves is not null && leaves.Size > tree.Size ? leaves.Leaf(tree.Size).Sequence : lastSequence + 1;
        Found(
            first,
            $"the log ends before it, and the anchor of {newest.At} attests {newest.Size} events, the last being event "
            + $"{newest.Sequence}: the tail was deleted");
    }

    private void Follow(SealedEvent e)
    {
        var (portfolioId, version) = (e.Event.PortfolioId, e.Event.Place.PortfolioVersion);
        var (known, previous, time) = heads.GetValueOrDefault(portfolioId, (0, EventHash.Beginning, default));
        if (version != known + 1)
        {
            Found(e.Sequence, version <= known
                ? $"it is version {version} of portfolio {portfolioId}, which stands before it already: it was moved"
                : $"it is version {version} of portfolio {portfolioId} and follows version {known}: "
                    + $"{version - known - 1} between them were deleted, or it was moved");
        }
        else if (!EventHash.Of(previous, e.Event, e.Payload).AsSpan().SequenceEqual(e.Hash))
        {
            Found(
                e.Sequence,
                $"its hash is not that of what it says and of version {known} of portfolio {portfolioId} before it: it "
                + "was changed");
        }
        else if (e.Event.RecordedAt < time)
        {
            // By this a part of a time is known to have all of a portfolio's events that were recorded within it.
            Found(e.Sequence, $"it was recorded before version {known} of portfolio {portfolioId}, which it follows");
        }
        // What follows is held to the hash that is stored, so that one change is one finding.
        heads[portfolioId] = (version, e.Hash, e.Event.RecordedAt);
    }

    private void Grow(LogLeaf leaf, PortfolioHead head)
    {
        if (leaves is not null && !isTreeBroken && tree.Size < leaves.Size
            && leaves.Leaf(tree.Size) is var attested && !attested.IsSameAs(leaf))
        {
            isTreeBroken = true;
            Found(Math.Min(leaf.Sequence, attested.Sequence), Told(leaf, attested));
        }
        tree.Append(leaf.Hash);
        lastEvents.Set(head);
        if (nextAnchor < anchors.Count && anchors[nextAnchor].Size == tree.Size)
            Meet(anchors[nextAnchor++], leaf);
    }

    private static string Told(LogLeaf leaf, LogLeaf attested) => leaf.Sequence.CompareTo(attested.Sequence) switch
    {
        < 0 => "the log had no such event when it was anchored: it was inserted",
        > 0 => "the log had this event when it was anchored, and has it no more: it was deleted",
        _ => "its hash is not the one that was anchored: the chain was written anew from here on",
    };

    private void Meet(Anchor anchor, LogLeaf last)
    {
        if (isTreeBroken)
            return;
        if (anchor.Root == Convert.ToHexStringLower(tree.Root()) && anchor.Sequence == last.Sequence)
        {
            Anchored = anchor.Size;
            if (anchor.Heads is { } heads && heads != Convert.ToHexStringLower(lastEvents.Root()))
            {
                Found(
                    last.Sequence,
                    $"the anchor of {anchor.At}, which ends with it, names other last events of portfolios than the "
                    + "log has: whoever signed it did not sign what the log was");
            }
            return;
        }
        isTreeBroken = true;
        var first = nextAnchor > 1 ? anchors[nextAnchor - 2].Sequence + 1 : 1;
        // Where the chain has shown what is wrong in this part of the log, that is the event to name.
        var known = findings.Kept.Where(finding => finding.Sequence >= first).Min(finding => (long?)finding.Sequence);
        Found(
            known ?? first,
            $"the log is not what the anchor of {anchor.At} attests: between event {first} and event "
            + $"{anchor.Sequence} one was changed, deleted or inserted, or the chain was written anew");
    }

    private void Found(long sequence, string problem) => findings.Add(sequence, problem);
}
