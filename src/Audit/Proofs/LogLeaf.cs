using System.Buffers.Binary;

namespace Bifrost.Audit.Proofs;

/// <summary>
/// An event as a leaf of the tree over the log: where it stands, and the hash that covers the rest of it.
/// </summary>
public readonly record struct LogLeaf(long Sequence, byte[] EventHash)
{
    public const int EntryBytes = sizeof(long) + MerkleTree.HashBytes;

    /// <summary>What is hashed: the sequence, most significant byte first, and the event's hash.</summary>
    public byte[] Entry
    {
        get
        {
            var entry = new byte[EntryBytes];
            BinaryPrimitives.WriteInt64BigEndian(entry, Sequence);
            EventHash.CopyTo(entry, sizeof(long));
            return entry;
        }
    }

    public byte[] Hash => MerkleTree.LeafHash(Entry);

    public static LogLeaf Read(ReadOnlySpan<byte> entry) =>
        new(BinaryPrimitives.ReadInt64BigEndian(entry), entry[sizeof(long)..EntryBytes].ToArray());

    public bool IsSameAs(LogLeaf other) =>
        Sequence == other.Sequence && EventHash.AsSpan().SequenceEqual(other.EventHash);
}
