namespace Bifrost.Audit.Proofs;

/// <summary>The right edge of a Merkle tree: all that is needed to add leaves and to know the root.</summary>
/// <param name="completed">Called with each node that becomes whole, from its level up, leaves being level 0.</param>
public sealed class CompactTree(Action<int, byte[]>? completed = null)
{
    // The hash of a whole node at each level where the binary digit of the size is 1, the largest last.
    private readonly List<byte[]?> edge = [];

    public long Size { get; private set; }

    public void Append(byte[] leafHash) => Append(leafHash, 0);

    /// <summary>Adds as many leaves as a whole node of a level has, of which only the node's hash is known.</summary>
    /// <param name="level">Its leaves, 2 to the power of the level, fit behind those that there are.</param>
    public void Append(byte[] nodeHash, int level)
    {
        if ((Size & ((1L << level) - 1)) != 0)
            throw new ArgumentException($"No node of level {level} begins behind {Size} leaves.", nameof(level));
        Size += 1L << level;
        while (edge.Count < level)
            edge.Add(null);
        var hash = nodeHash;
        completed?.Invoke(level, hash);
        for (; level < edge.Count && edge[level] is { } left; level++)
        {
            hash = MerkleTree.NodeHash(left, hash);
            edge[level] = null;
            completed?.Invoke(level + 1, hash);
        }
        if (level == edge.Count)
            edge.Add(hash);
        else
            edge[level] = hash;
    }

    public byte[] Root()
    {
        byte[]? root = null;
        foreach (var node in edge)
        {
            if (node is not null)
                root = root is null ? node : MerkleTree.NodeHash(node, root);
        }
        return root ?? MerkleTree.EmptyRoot;
    }

    /// <summary>Goes on from a tree that has been stored.</summary>
    /// <param name="node">The hash of a whole node: its level, and its place in it from zero.</param>
    public void Continue(long size, Func<int, long, byte[]> node)
    {
        edge.Clear();
        for (var level = 0; size >> level > 0; level++)
            edge.Add((size >> level & 1) == 1 ? node(level, (size >> level) - 1) : null);
        Size = size;
    }
}
