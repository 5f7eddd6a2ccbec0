using Bifrost.Audit.Anchors;

namespace Bifrost.Audit.Keys;

/// <summary>
/// Puts a new key in the place of the one that anchors are signed with, and revokes keys that were; a server that runs
/// goes on with the new one.
/// </summary>
/// <remarks>
/// The new key is written beside the old one, then each log that the old one signs is told of it, then its file takes
/// the place of the old one. Whatever was begun when a process ended is brought to its end by the next that needs the
/// key.
/// </remarks>
public static class KeyRotation
{
    /// <summary>Has the key sign a new one, which takes its place; the old one is deleted.</summary>
    /// <returns>The ids of the old key and of the new one.</returns>
    /// <exception cref="AuditException">
    /// The key is not the one that the log is signed with, or cannot be read.
    /// </exception>
    /// <exception cref="IOException">The new key cannot be written.</exception>
    public static (string Old, string New) Rotate(AuditFolder folder, TimeProvider clock)
    {
        using var held = KeyLock.Take(folder.Root);
        using var old = SigningKey.Open(folder, AnchorFile.Latest(folder.Anchors), out _);
        File.Delete(Next(folder));
        using var next = AnchorKey.Make(Next(folder));
        HandOver(folder, old, next, clock.GetUtcNow());
        Take(folder, next);
        return (old.Id, next.Id);
    }

    /// <summary>Says that what a key signed then or later is not to be believed.</summary>
    /// <param name="keyId">Of a key that has handed over.</param>
    /// <exception cref="AuditException">It is none, or the key of the folder cannot be used.</exception>
    public static void Revoke(AuditFolder folder, string keyId, DateTimeOffset from, TimeProvider clock)
    {
        using var held = KeyLock.Take(folder.Root);
        using var key = SigningKey.Open(folder, AnchorFile.Latest(folder.Anchors), out _);
        if (key.Id == keyId)
        {
            throw new AuditException(
                $"{keyId} is the key that signs now: './bifrost audit keys rotate' first, then revoke it.");
        }
        if (Known(folder, keyId) is null)
            throw new AuditException($"There is no key {keyId}; './bifrost audit keys list' shows all.");
        foreach (var log in Signed(folder, key.PublicKey))
        {
            if (Known(log, keyId) is { } span)
                Say(log, state => KeyStatement.OfRevocation(state, key, span.PublicKey, from, clock.GetUtcNow()));
        }
    }

    /// <summary>
    /// Brings a rotation to its end that was begun by a process that ended; does nothing where none was.
    /// </summary>
    /// <remarks>Whoever calls holds the lock.</remarks>
    internal static void Finish(AuditFolder folder)
    {
        if (!File.Exists(Next(folder)) || !File.Exists(folder.Key))
            return;
        using var next = AnchorKey.Open(Next(folder));
        if (Logs(folder).All(log => KeyFile.Read(log.Keys, mayGrow: true).Newest != next.PublicKey))
            return;
        using var old = AnchorKey.Open(folder.Key);
        HandOver(folder, old, next, TimeProvider.System.GetUtcNow());
        Take(folder, next);
    }

    /// <summary>Whether a key has been handed over to and is about to take its place.</summary>
    internal static bool IsUnderWay(AuditFolder folder, string publicKey) =>
        File.Exists(Next(folder)) && AnchorKey.ReadPublic(Next(folder)) == publicKey;

    private static void HandOver(AuditFolder folder, AnchorKey old, AnchorKey next, DateTimeOffset now)
    {
        foreach (var log in Signed(folder, old.PublicKey))
            Say(log, state => KeyStatement.OfHandOver(state, old, next, now));
    }

    // What auditors were given the public key for is this log, also before its first anchor.
    private static IEnumerable<AuditFolder> Signed(AuditFolder folder, string publicKey) => Logs(folder).Where(log =>
        (KeyFile.Read(log.Keys, mayGrow: true).Newest ?? AnchorFile.Latest(log.Anchors)?.PublicKey
            ?? (log == folder ? publicKey : null)) == publicKey);

    private static IEnumerable<AuditFolder> Logs(AuditFolder folder) => folder.Others().Prepend(folder);

    private static KeySpan? Known(AuditFolder log, string keyId) =>
        KeyFile.Read(log.Keys, mayGrow: true).Spans.SingleOrDefault(span => span.KeyId == keyId);

    private static void Say(AuditFolder log, Func<LogState, KeyStatement> sign)
    {
        var latest = AnchorFile.Latest(log.Anchors);
        var before = KeyFile.Read(log.Keys, mayGrow: true).Statements is [.., var last] ? last : null;
        var statement = sign(latest is null ? LogState.Empty(log.Log) : LogState.Of(latest));
        if (string.CompareOrdinal(statement.At, latest?.At) < 0 || string.CompareOrdinal(statement.At, before?.At) < 0)
        {
            throw new AuditException(
                $"The clock says {statement.At}, which is before what was signed in {log.Path} last: put it right.");
        }
        Directory.CreateDirectory(log.Path);
        KeyFile.Append(log.Keys, statement);
    }

    private static void Take(AuditFolder folder, AnchorKey next)
    {
        next.WritePublic(AnchorKey.PublicFileOf(folder.Key));
        File.Move(Next(folder), folder.Key, overwrite: true);
        File.Delete(AnchorKey.PublicFileOf(Next(folder)));
    }

    private static string Next(AuditFolder folder) => folder.Key + ".next";
}
