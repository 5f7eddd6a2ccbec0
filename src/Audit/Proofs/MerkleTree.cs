using System.Numerics;
using System.Security.Cryptography;

namespace Bifrost.Audit.Proofs;

/// <summary>
/// The hashes of an append-only Merkle tree, and what proves something of it to somebody who has only its root.
/// </summary>
/// <remarks>RFC 9162, "Certificate Transparency Version 2.0", sections 2.1.1 to 2.1.4, with SHA-256.</remarks>
public static class MerkleTree
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>The root of a tree without leaves.</summary>
    public static byte[] EmptyRoot => SHA256.HashData([]);

    /// <summary>The hash of a leaf: it cannot be taken for that of a node, which begins with another byte.</summary>
    public static byte[] LeafHash(ReadOnlySpan<byte> entry) => SHA256.HashData([0, .. entry]);

    public static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> node = stackalloc byte[1 + 2 * HashBytes];
        node[0] = 1;
        left.CopyTo(node[1..]);
        right.CopyTo(node[(1 + HashBytes)..]);
        return SHA256.HashData(node);
    }

    /// <summary>
    /// The whole nodes that have all leaves from <paramref name="begin"/> to before <paramref name="end"/> below them,
    /// and no other: the level of each, left to right, each as large as it can be.
    /// </summary>
    public static IEnumerable<int> Cover(long begin, long end)
    {
        while (begin < end)
        {
            var largest = BitOperations.Log2((ulong)(end - begin));
            var level = begin == 0 ? largest : Math.Min(BitOperations.TrailingZeroCount(begin), largest);
            yield return level;
            begin += 1L << level;
        }
    }

    /// <summary>
    /// Whether the tree of <paramref name="size"/> leaves with the root <paramref name="root"/> has the leaf at
    /// <paramref name="index"/>, counted from zero.
    /// </summary>
    public static bool Includes(
        long index, long size, ReadOnlySpan<byte> leafHash, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size)
            return false;
        var (node, last) = (index, size - 1);
        var hash = leafHash.ToArray();
        foreach (var sibling in path)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = NodeHash(sibling, hash);
                Skip(ref node, ref last);
            }
            else
            {
                hash = NodeHash(hash, sibling);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && root.SequenceEqual(hash);
    }

    /// <summary>Whether a tree begins with all the leaves of a smaller one, in their order.</summary>
    /// <param name="from">The number of leaves of the smaller one, at least 1.</param>
    public static bool Extends(
        long from, ReadOnlySpan<byte> fromRoot, long to, ReadOnlySpan<byte> toRoot, IReadOnlyList<byte[]> path)
    {
        if (from < 1 || from > to)
            return false;
        if (from == to)
            return path.Count == 0 && fromRoot.SequenceEqual(toRoot);
        // Where the smaller tree is a whole node of the larger one the proof leaves it out.
        var isWhole = BitOperations.IsPow2(from);
        if (path.Count == 0 && !isWhole)
            return false;
        var (node, last) = (from - 1, to - 1);
        while ((node & 1) == 1)
            (node, last) = (node >> 1, last >> 1);
        var start = isWhole ? fromRoot.ToArray() : path[0];
        var (older, newer) = (start, start);
        foreach (var hash in path.Skip(isWhole ? 0 : 1))
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                older = NodeHash(hash, older);
                newer = NodeHash(hash, newer);
                Skip(ref node, ref last);
            }
            else
            {
                newer = NodeHash(newer, hash);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && fromRoot.SequenceEqual(older) && toRoot.SequenceEqual(newer);
    }

    // Up to where the node has a sibling on its right, or is the first of its level.
    private static void Skip(ref long node, ref long last)
    {
        while ((node & 1) == 0 && node != 0)
            (node, last) = (node >> 1, last >> 1);
    }
}
