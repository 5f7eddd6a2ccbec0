using Bifrost.Audit.Anchors;
using Bifrost.Audit.Outside;

namespace Bifrost.Audit.Keys;

/// <summary>Anchors that whoever checks may believe.</summary>
/// <param name="Keys">The keys that they are signed with, in the order in which they were.</param>
public sealed record TrustedAnchors(IReadOnlyList<Anchor> Anchors, IReadOnlyList<KeySpan> Keys);

/// <summary>What whoever checks anchors trusts.</summary>
public sealed record AnchorTrust
{
    /// <summary>
    /// Keys as anchors name them: each anchor is signed with one of them, or with one that they lead to. Where there
    /// are none, the first key that signed is believed.
    /// </summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Names and public keys of those who sign anchors too; one that was changed has several.</summary>
    public IReadOnlyList<(string Name, string PublicKey)> CoSigners { get; init; } = [];

    /// <summary>How many of them have to have signed.</summary>
    public int Required { get; init; }

    /// <summary>The anchors of a file, each of which was signed by who might sign then.</summary>
    /// <param name="keys">What was said about keys; where it is null, what is beside the anchors.</param>
    /// <param name="mayGrow">Where a server appends to both meanwhile.</param>
    /// <exception cref="AuditException">One was not, or there are none.</exception>
    public TrustedAnchors Read(string file, string? keys = null, bool mayGrow = false)
    {
        if (keys is not null && !File.Exists(keys))
            throw new AuditException($"There is no {keys}.");
        var anchors = AnchorFile.Read(file, mayGrow);
        // After the anchors: what signed one of them has been told of by then.
        var chain = KeyFile.Read(
            keys ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, KeyFile.Name), mayGrow);
        if (chain.Statements is [var first, ..] && first.Log != anchors[0].Log)
            throw new AuditException($"The keys are of the log {first.Log}, and {file} is of {anchors[0].Log}.");
        var reached = chain.Reached(Keys.Count > 0 ? Keys : [chain.First ?? anchors[0].PublicKey]);
        foreach (var anchor in anchors)
        {
            if (!anchor.IsSigned())
                throw new AuditException($"{file}: the anchor of {anchor.At} is not signed as it stands: it was "
                    + "changed.");
            if (chain.ProblemWith(anchor, reached) is { } problem)
                throw new AuditException($"{file}: the anchor of {anchor.At} {problem}.");
        }
        RequireCoSigners(file, anchors);
        return new TrustedAnchors(anchors, Used(anchors, chain));
    }

    /// <summary>The anchors that this machine keeps of a log; null where it never kept any.</summary>
    /// <param name="keys">What was said about keys; where it is null, what is beside the anchors.</param>
    /// <exception cref="AuditException">
    /// One is not to be believed, some are missing, or the key of this machine is another one.
    /// </exception>
    public TrustedAnchors? ReadOwn(AuditFolder folder, string? keys = null)
    {
        // Before the anchors, which may grow meanwhile.
        var newest = AnchorFile.ReadNewest(folder.Newest);
        var receipts = ReceiptFile.Read(folder.Receipts, mayGrow: true);
        // What keys say stands with how much was anchored then, which is nothing where one was changed before that.
        var said = KeyFile.Read(folder.Keys, mayGrow: true).Statements is [.., { Size: > 0 } last] ? last : null;
        if (!File.Exists(folder.Anchors) && newest is null && receipts.Count == 0 && said is null)
            return null;
        var trusted = Read(folder.Anchors, keys, mayGrow: true);
        if (newest is not null && newest.Size > trusted.Anchors[^1].Size)
            throw Cut(folder, newest);
        if (said is not null && said.Size > trusted.Anchors[^1].Size)
        {
            throw new AuditException(
                $"{folder.Anchors} was cut off: the {said.Kind} of {said.At} attests {said.Size} events, and the file "
                + "ends before that.");
        }
        ReceiptFile.RequireBound(receipts, trusted.Anchors);
        RequireOwnKey(folder, trusted.Anchors[^1]);
        return trusted;
    }

    internal static AuditException Cut(AuditFolder folder, Anchor newest) => new(
        $"{folder.Anchors} was cut off: {folder.Newest} has an anchor of {newest.Size} events that was signed at "
        + $"{newest.At}, and the file ends before it. Put the file back from a backup, or from who has a copy of it.");

    // From the first one on that enough have signed: whoever leaves them out later has something to hide.
    private void RequireCoSigners(string file, List<Anchor> anchors)
    {
        var begin = anchors.FindIndex(anchor => Count(anchor) >= Required);
        var missing = begin < 0 ? anchors[^1] : anchors.Skip(begin).FirstOrDefault(anchor => Count(anchor) < Required);
        if (missing is not null)
        {
            throw new AuditException(
                $"{file}: the anchor of {missing.At} is signed by {Count(missing)} of the co-signers that were "
                + $"given, and {Required} are required.");
        }
    }

    private int Count(Anchor anchor) => CoSigners
        .Where(trusted => (anchor.CoSignatures ?? []).Any(other => other.PublicKey == trusted.PublicKey))
        .Select(trusted => trusted.Name)
        .Distinct()
        .Count();

    // Where it cannot be read, it is out of the reach of whoever verifies, as it should be.
    private static void RequireOwnKey(AuditFolder folder, Anchor newest)
    {
        if (!File.Exists(folder.Key))
            return;
        try
        {
            var own = AnchorKey.ReadPublic(folder.Key);
            // Again: a key may just have handed over, or is about to.
            var known = KeyFile.Read(folder.Keys, mayGrow: true).Newest ?? newest.PublicKey;
            if (own != known && !KeyRotation.IsUnderWay(folder, known))
                throw SigningKey.Another(folder, AnchorKey.IdOf(own), known);
        }
        catch (UnauthorizedAccessException)
        {
        }
    }

    private static List<KeySpan> Used(List<Anchor> anchors, KeyChain chain)
    {
        var used = anchors.Select(anchor => anchor.PublicKey).Distinct().ToList();
        var known = chain.Spans.Where(span => used.Contains(span.PublicKey)).ToList();
        return
        [
            .. known,
            .. used.Except(known.Select(span => span.PublicKey))
                .Select(key => new KeySpan(AnchorKey.IdOf(key), key, null, null, null)),
        ];
    }
}
