using Bifrost.Audit.Anchors;

namespace Bifrost.Audit.Keys;

/// <summary>
/// The key of a folder, held to what was signed there before: none is made, and none is taken, in the place of another.
/// </summary>
internal static class SigningKey
{
    /// <param name="latest">The newest anchor; null before the first.</param>
    /// <param name="made">Whether it is a new one, because nothing was signed here yet.</param>
    /// <exception cref="AuditException">It is gone, or it is another one than what is here was signed with.</exception>
    public static AnchorKey Open(AuditFolder folder, Anchor? latest, out bool made)
    {
        KeyRotation.Finish(folder);
        var known = KeyFile.Read(folder.Keys, mayGrow: true).Newest ?? latest?.PublicKey;
        made = known is null && !File.Exists(folder.Key);
        if (made)
            return AnchorKey.Make(folder.Key);
        if (!File.Exists(folder.Key))
            throw Gone(folder, known!);
        var key = AnchorKey.Open(folder.Key);
        if (known is null || key.PublicKey == known)
            return key;
        var id = key.Id;
        key.Dispose();
        throw Another(folder, id, known);
    }

    internal static AuditException Another(AuditFolder folder, string id, string known) => new(
        $"{folder.Key} is the key {id}, and the log {folder.Log} is signed with {AnchorKey.IdOf(known)}. No more is "
        + "anchored, and no key takes the place of another in silence: put that key back, and have it hand over with "
        + "'./bifrost audit keys rotate'.");

    private static AuditException Gone(AuditFolder folder, string known) => new(
        $"{folder.Key} is gone, the key {AnchorKey.IdOf(known)} that the log {folder.Log} is signed with. No more is "
        + $"anchored, and no other key is made: put it back from a backup. Where it is lost for good, move "
        + $"{folder.Path} away and keep it: the next start makes a new key and anchors the whole log anew, and "
        + "whoever trusted the old one has to be given the new one.");
}
