using System.Numerics;

namespace Bifrost.Audit.Proofs;

/// <summary>
/// The Merkle tree over the log, in two files beside the database: its leaves, and the nodes above them. All of it
/// follows from the log, so it can be made again; while it is there, it is evidence of what the log was.
/// </summary>
/// <remarks>
/// One process appends; any number read what an anchor says is there. A node is written when its last leaf is, lower
/// ones first, so that both files only ever grow at their end: a tree of n leaves has as many whole nodes above them as
/// n less the ones of its binary digits, which tells where each node stands.
/// </remarks>
public sealed class LogTree : IDisposable
{
    private const string Leaves = "leaves";
    private const string Nodes = "nodes";
    private const int WriteBuffer = 64 * 1024;

    // How Linux and Windows say that somebody else has a file.
    private const int WouldBlock = 11;
    private const int SharingViolation = unchecked((int)0x80070020);

    private readonly FileStream leaves;
    private readonly FileStream nodes;
    private readonly CompactTree edge;
    private readonly FileStream? ownership;

    private LogTree(FileStream leaves, FileStream nodes, FileStream? ownership)
    {
        (this.leaves, this.nodes, this.ownership) = (leaves, nodes, ownership);
        edge = new CompactTree(Store);
    }

    /// <summary>The number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>The sequence of the last leaf; zero where there is none.</summary>
    public long LastSequence => Size == 0 ? 0 : Leaf(Size - 1).Sequence;

    /// <summary>For appending. Nobody else may have it open for that.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    public static LogTree Open(string folder) =>
        TryOpen(folder) ?? throw new IOException($"Another process is anchoring in {folder}.");

    /// <inheritdoc cref="Open"/>
    /// <returns>Null where another process has it.</returns>
    public static LogTree? TryOpen(string folder)
    {
        Directory.CreateDirectory(folder);
        if (TryOwn(Path.Combine(folder, "lock")) is not { } ownership)
            return null;
        var (leaves, nodes) = (Own(folder, Leaves), Own(folder, Nodes));
        var tree = new LogTree(leaves, nodes, ownership) { Size = leaves.Length / LogLeaf.EntryBytes };
        leaves.SetLength(tree.Size * LogLeaf.EntryBytes);
        tree.Recover();
        return tree;
    }

    private static FileStream? TryOwn(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is WouldBlock or SharingViolation)
        {
            return null;
        }
    }

    /// <summary>For reading its first leaves, as many as an anchor says there are.</summary>
    public static LogTree Read(string folder, long size) =>
        new(Read(folder, Leaves), Read(folder, Nodes), null) { Size = size };

    /// <summary>How many leaves are stored in a folder.</summary>
    public static long StoredSize(string folder) =>
        new FileInfo(Path.Combine(folder, Leaves)) is { Exists: true } file ? file.Length / LogLeaf.EntryBytes : 0;

    public void Append(LogLeaf leaf)
    {
        var entry = leaf.Entry;
        WriteAt(leaves, entry, Size * LogLeaf.EntryBytes);
        edge.Append(MerkleTree.LeafHash(entry));
        Size++;
    }

    /// <summary>Has what was appended written to disk.</summary>
    public void Flush()
    {
        leaves.Flush(flushToDisk: true);
        nodes.Flush(flushToDisk: true);
    }

    public LogLeaf Leaf(long index)
    {
        var entry = new byte[LogLeaf.EntryBytes];
        ReadAt(leaves, entry, index * LogLeaf.EntryBytes);
        return LogLeaf.Read(entry);
    }

    /// <summary>The place of the event of a sequence among the leaves, from zero; null where it is not there.</summary>
    public long? IndexOf(long sequence)
    {
        var (low, high) = (0L, Size - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = Leaf(middle).Sequence;
            if (found == sequence)
                return middle;
            (low, high) = found < sequence ? (middle + 1, high) : (low, middle - 1);
        }
        return null;
    }

    /// <summary>The root of the tree of the first leaves.</summary>
    public byte[] Root(long size) => size == 0 ? MerkleTree.EmptyRoot : Range(0, size);

    /// <summary>The root as the leaves alone have it, whatever is stored of the levels above.</summary>
    public byte[] RootOfLeaves()
    {
        var computed = new CompactTree();
        for (var index = 0L; index < Size; index++)
            computed.Append(Leaf(index).Hash);
        return computed.Root();
    }

    /// <summary>What proves that a leaf is in the tree of the first <paramref name="size"/> leaves.</summary>
    /// <remarks>RFC 9162, section 2.1.3.1.</remarks>
    public IReadOnlyList<byte[]> InclusionPath(long index, long size)
    {
        var path = new List<byte[]>();
        for (var (begin, end) = (0L, size); end - begin > 1;)
        {
            var middle = begin + Split(end - begin);
            if (index < middle)
            {
                path.Add(Range(middle, end));
                end = middle;
            }
            else
            {
                path.Add(Range(begin, middle));
                begin = middle;
            }
        }
        path.Reverse();
        return path;
    }

    /// <summary>What proves that the tree of <paramref name="to"/> leaves begins with that of fewer.</summary>
    /// <remarks>RFC 9162, section 2.1.4.1.</remarks>
    public IReadOnlyList<byte[]> ConsistencyPath(long from, long to)
    {
        var path = new List<byte[]>();
        // While the smaller tree is the whole of what is left, its root is known to the verifier.
        var isKnown = true;
        var (begin, end) = (0L, to);
        while (from != end)
        {
            var middle = begin + Split(end - begin);
            if (from <= middle)
            {
                path.Add(Range(middle, end));
                end = middle;
            }
            else
            {
                path.Add(Range(begin, middle));
                (begin, isKnown) = (middle, false);
            }
        }
        if (!isKnown)
            path.Add(Range(begin, end));
        path.Reverse();
        return path;
    }

    /// <summary>The nodes that stand for the leaves from one to before another, left to right.</summary>
    /// <remarks>At the most two for each level of the tree, however many leaves there are.</remarks>
    public IReadOnlyList<byte[]> Cover(long begin, long end)
    {
        var nodes = new List<byte[]>();
        foreach (var level in MerkleTree.Cover(begin, end))
        {
            nodes.Add(Node(level, begin >> level));
            begin += 1L << level;
        }
        return nodes;
    }

    public void Dispose()
    {
        leaves.Dispose();
        nodes.Dispose();
        ownership?.Dispose();
    }

    // The largest power of two that is less than the number of leaves.
    private static long Split(long leaves) => 1L << BitOperations.Log2((ulong)(leaves - 1));

    private byte[] Range(long begin, long end)
    {
        var count = end - begin;
        // The ranges that the splits leave begin at a multiple of the power of two that they are.
        if (BitOperations.IsPow2(count))
            return Node(BitOperations.Log2((ulong)count), begin / count);
        var middle = begin + Split(count);
        return MerkleTree.NodeHash(Range(begin, middle), Range(middle, end));
    }

    private byte[] Node(int level, long index)
    {
        if (level == 0)
            return Leaf(index).Hash;
        var hash = new byte[MerkleTree.HashBytes];
        ReadAt(nodes, hash, PlaceOf(level, (index + 1) << level));
        return hash;
    }

    // Nodes that are not as many as the leaves have were being written when the process ended: all are made again.
    private void Recover()
    {
        if (nodes.Length == Above(Size) * MerkleTree.HashBytes)
        {
            edge.Continue(Size, Node);
            return;
        }
        nodes.SetLength(0);
        for (var index = 0L; index < Size; index++)
            edge.Append(Leaf(index).Hash);
    }

    private void Store(int level, byte[] hash)
    {
        if (level > 0)
            WriteAt(nodes, hash, PlaceOf(level, edge.Size));
    }

    // A node whose last leaf is the n-th comes after all that were whole before it, and after those below it.
    private static long PlaceOf(int level, long leaf) => (Above(leaf - 1) + level - 1) * MerkleTree.HashBytes;

    // Whole nodes above the first leaves.
    private static long Above(long leaves) => leaves - BitOperations.PopCount((ulong)leaves);

    private static FileStream Own(string folder, string name) =>
        new(Path.Combine(folder, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, WriteBuffer);

    private static FileStream Read(string folder, string name) =>
        new(Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    // Only where it has to be: a seek writes out what was gathered so far.
    private static void WriteAt(FileStream file, byte[] bytes, long at)
    {
        if (file.Position != at)
            file.Seek(at, SeekOrigin.Begin);
        file.Write(bytes);
    }

    private static void ReadAt(FileStream file, byte[] buffer, long at)
    {
        file.Seek(at, SeekOrigin.Begin);
        file.ReadExactly(buffer);
    }
}
