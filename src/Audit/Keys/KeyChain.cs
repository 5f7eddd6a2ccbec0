using Bifrost.Audit.Anchors;

namespace Bifrost.Audit.Keys;

/// <summary>A key that signed anchors of a log, and when.</summary>
/// <param name="KeyId">The first sixteen digits of its hash, for people to compare.</param>
/// <param name="PublicKey">A SubjectPublicKeyInfo in Base64.</param>
/// <param name="From">When it was handed over to; null for the first.</param>
/// <param name="Until">When it handed over to the next; null for the last.</param>
/// <param name="RevokedFrom">What it signed then or later is not to be believed; null where all of it is.</param>
public sealed record KeySpan(string KeyId, string PublicKey, string? From, string? Until, string? RevokedFrom)
{
    public override string ToString() =>
        $"{KeyId} ({From ?? "the beginning"} to {Until ?? "now"}"
        + $"{(RevokedFrom is null ? "" : $", revoked from {RevokedFrom}")})";
}

/// <summary>
/// The keys of a log, each of which the one before it has signed: who may have signed which anchor.
/// </summary>
public sealed class KeyChain
{
    private readonly List<Link> links = [];

    /// <param name="statements">Oldest first; each is signed as it stands.</param>
    /// <exception cref="FormatException">They do not follow from one another.</exception>
    public KeyChain(IReadOnlyList<KeyStatement> statements)
    {
        Statements = statements;
        foreach (var statement in statements)
        {
            if (links.Count == 0)
                links.Add(new Link(statement.PublicKey));
            if (Problem(statement) is { } problem)
                throw new FormatException($"The {statement.Kind} of {statement.At} {problem}.");
            if (statement.Kind == KeyStatement.HandOver)
                HandOver(statement);
            else
                Revoke(statement);
        }
    }

    public IReadOnlyList<KeyStatement> Statements { get; }

    /// <summary>The key that signs now; null where no key ever handed over.</summary>
    public string? Newest => links is [.., var last] ? last.PublicKey : null;

    /// <summary>The first key; null where no key ever handed over.</summary>
    public string? First => links is [var first, ..] ? first.PublicKey : null;

    public IReadOnlyList<KeySpan> Spans => [.. links.Select(link => link.Span)];

    /// <summary>The keys that follow from trusted ones, by hand-overs that are to be believed, and those.</summary>
    public IReadOnlySet<string> Reached(IEnumerable<string> trusted)
    {
        var reached = trusted.ToHashSet();
        foreach (var (before, link) in links.Zip(links.Skip(1)))
        {
            if (reached.Contains(before.PublicKey) && !before.IsRevokedAt(link.Taken!.At))
                reached.Add(link.PublicKey);
        }
        return reached;
    }

    /// <summary>What speaks against an anchor that is signed as it stands; null where nothing does.</summary>
    /// <param name="reached">From <see cref="Reached"/>.</param>
    public string? ProblemWith(Anchor anchor, IReadOnlySet<string> reached)
    {
        var link = links.Find(link => link.PublicKey == anchor.PublicKey);
        if (!reached.Contains(anchor.PublicKey))
            return Unreached(anchor.KeyId, link);
        if (links.Find(link => link.Taken?.Size == anchor.Size)?.Taken is { } then && then.Root != anchor.Root)
            return $"contradicts the hand-over of {then.At}, which attests another log of {anchor.Size} events";
        return link switch
        {
            null => null,
            { Taken: { } taken } when anchor.Size <= taken.Size || Before(anchor.At, taken.At) =>
                $"is signed with the key {anchor.KeyId}, which was handed over to at {taken.At}, "
                + $"behind {taken.Size} events",
            { Given: { } given } when anchor.Size > given.Size || Before(given.At, anchor.At) =>
                $"is signed with the key {anchor.KeyId}, which handed over to {AnchorKey.IdOf(given.Key)} at "
                + $"{given.At}, behind {given.Size} events",
            { } revoked when revoked.IsRevokedAt(anchor.At) =>
                $"is signed with the key {anchor.KeyId}, which is revoked from {revoked.RevokedFrom} on",
            _ => null,
        };
    }

    private string Unreached(string id, Link? link)
    {
        var other = $"is signed by another key than the one given, {id}";
        var at = link is null ? -1 : links.IndexOf(link);
        if (at < 0)
            return $"{other}, and no hand-over leads to it";
        // The nearest hand-over on the way that is not to be believed.
        var broken = at;
        while (broken > 0 && !links[broken - 1].IsRevokedAt(links[broken].Taken!.At))
            broken--;
        return broken == 0
            ? $"{other}, which comes before it: give its public key as well where it is trusted"
            : $"{other}: the hand-over to {AnchorKey.IdOf(links[broken].PublicKey)} is of "
                + $"{links[broken].Taken!.At}, and the key that signed it is revoked from "
                + $"{links[broken - 1].RevokedFrom} on; give the public key of "
                + "the new one as well where it was had another way";
    }

    private string? Problem(KeyStatement statement)
    {
        var (newest, before) = (links[^1], Statements.TakeWhile(other => other != statement).LastOrDefault());
        if (before is not null && (statement.Log != before.Log || statement.Size < before.Size
            || Before(statement.At, before.At)))
        {
            return "does not come after the one before it";
        }
        if (statement.PublicKey != newest.PublicKey)
            return $"is signed with {AnchorKey.IdOf(statement.PublicKey)}, and {AnchorKey.IdOf(newest.PublicKey)} "
                + "had the say then";
        var link = links.Find(link => link.PublicKey == statement.Key);
        return statement.Kind == KeyStatement.HandOver
            ? link is null ? null : "hands over to a key that was there before"
            : link is null || link == newest ? "revokes a key that none of those before is" : null;
    }

    private void HandOver(KeyStatement statement)
    {
        links[^1] = links[^1] with { Given = statement };
        links.Add(new Link(statement.Key) { Taken = statement });
    }

    private void Revoke(KeyStatement statement)
    {
        var at = links.FindIndex(link => link.PublicKey == statement.Key);
        var known = links[at].RevokedFrom;
        if (known is null || Before(statement.From!, known))
            links[at] = links[at] with { RevokedFrom = statement.From };
    }

    // Times are written so that they compare as texts.
    private static bool Before(string time, string other) => string.CompareOrdinal(time, other) < 0;

    /// <param name="PublicKey">The key.</param>
    private sealed record Link(string PublicKey)
    {
        public KeyStatement? Taken { get; init; }

        public KeyStatement? Given { get; init; }

        public string? RevokedFrom { get; init; }

        public KeySpan Span => new(AnchorKey.IdOf(PublicKey), PublicKey, Taken?.At, Given?.At, RevokedFrom);

        public bool IsRevokedAt(string time) => RevokedFrom is { } from && !Before(time, from);
    }
}
