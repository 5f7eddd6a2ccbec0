using System.Numerics;

namespace Bifrost.Audit.Proofs;

/// <summary>
/// The Merkle tree over the log, in files beside the database: a file of leaves and a file for each level above. All of
/// it follows from the log, so it can be made again; while it is there, it is evidence of what the log was.
/// </summary>
/// <remarks>One process appends; any number read what an anchor says is there.</remarks>
public sealed class LogTree : IDisposable
{
    private readonly string folder;
    private readonly List<FileStream> levels = [];
    private readonly CompactTree edge;
    private readonly bool isReadOnly;
    private FileStream? ownership;

    private LogTree(string folder, bool isReadOnly)
    {
        (this.folder, this.isReadOnly) = (folder, isReadOnly);
        edge = new CompactTree(Store);
    }

    /// <summary>The number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>The sequence of the last leaf; zero where there is none.</summary>
    public long LastSequence => Size == 0 ? 0 : Leaf(Size - 1).Sequence;

    /// <summary>For appending. Nobody else may have it open for that.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    public static LogTree Open(string folder)
    {
        Directory.CreateDirectory(folder);
        var tree = new LogTree(folder, isReadOnly: false)
        {
            ownership = new FileStream(
                Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None),
        };
        var leaves = tree.Level(0);
        tree.Size = leaves.Length / LogLeaf.EntryBytes;
        leaves.SetLength(tree.Size * LogLeaf.EntryBytes);
        tree.Recover();
        return tree;
    }

    /// <summary>For reading its first leaves, as many as an anchor says there are.</summary>
    public static LogTree Read(string folder, long size) => new(folder, isReadOnly: true) { Size = size };

    /// <summary>How many leaves are stored in a folder.</summary>
    public static long StoredSize(string folder) =>
        new FileInfo(Name(folder, 0)) is { Exists: true } leaves ? leaves.Length / LogLeaf.EntryBytes : 0;

    public void Append(LogLeaf leaf)
    {
        var entry = leaf.Entry;
        WriteAt(Level(0), entry, Size * LogLeaf.EntryBytes);
        edge.Append(MerkleTree.LeafHash(entry));
        Size++;
    }

    /// <summary>Has what was appended written to disk.</summary>
    public void Flush()
    {
        foreach (var file in levels)
            file.Flush(flushToDisk: true);
    }

    public LogLeaf Leaf(long index)
    {
        var entry = new byte[LogLeaf.EntryBytes];
        ReadAt(Level(0), entry, index * LogLeaf.EntryBytes);
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

    public void Dispose()
    {
        foreach (var file in levels)
            file.Dispose();
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
        ReadAt(Level(level), hash, index * MerkleTree.HashBytes);
        return hash;
    }

    // A level that is not what its leaves say was being written when the process ended: all are made again.
    private void Recover()
    {
        var isWhole = true;
        for (var level = 1; Size >> level > 0; level++)
            isWhole &= Level(level).Length == (Size >> level) * MerkleTree.HashBytes;
        if (isWhole)
        {
            edge.Continue(Size, Node);
            return;
        }
        for (var index = 0L; index < Size; index++)
            edge.Append(Leaf(index).Hash);
    }

    private void Store(int level, byte[] hash)
    {
        if (level == 0)
            return;
        // By its place and not at the end, where a process that ended may have left more.
        WriteAt(Level(level), hash, (((edge.Size + 1) >> level) - 1) * MerkleTree.HashBytes);
    }

    private FileStream Level(int level)
    {
        while (levels.Count <= level)
        {
            var name = Name(folder, levels.Count);
            levels.Add(isReadOnly
                ? new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
                : new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        }
        return levels[level];
    }

    private static string Name(string folder, int level) =>
        Path.Combine(folder, level == 0 ? "leaves" : $"level-{level}");

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
