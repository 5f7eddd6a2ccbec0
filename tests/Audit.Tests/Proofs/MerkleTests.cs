using System.Security.Cryptography;
using Bifrost.Audit.Proofs;

namespace Bifrost.Audit.Tests.Proofs;

/// <summary>
/// The stored tree against the definitions of RFC 9162, for every size and every leaf of small trees.
/// </summary>
public sealed class MerkleTests : IDisposable
{
    private const int Most = 70;

    private static readonly LogLeaf[] Leaves =
        [.. Enumerable.Range(1, Most).Select(n => new LogLeaf(n * 3, SHA256.HashData([(byte)n])))];

    private readonly string folder = Directory.CreateTempSubdirectory("bifrost-tree-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void roots_are_those_of_the_definition()
    {
        using var tree = Grown(Most);

        foreach (var size in Enumerable.Range(0, Most + 1))
            tree.Root(size).ShouldBe(Defined(Leaves.AsSpan(0, size)));
        tree.RootOfLeaves().ShouldBe(tree.Root(Most));
    }

    [Fact]
    public void every_leaf_is_proved_in_every_tree_that_has_it_and_nothing_else_is()
    {
        using var tree = Grown(Most);

        foreach (var size in Enumerable.Range(1, Most))
        {
            foreach (var index in Enumerable.Range(0, size))
            {
                var (path, root) = (tree.InclusionPath(index, size), tree.Root(size));
                MerkleTree.Includes(index, size, Leaves[index].Hash, path, root).ShouldBeTrue($"{index} of {size}");
                var other = Leaves[(index + 1) % Most];
                MerkleTree.Includes(index, size, other.Hash, path, root).ShouldBeFalse();
                MerkleTree.Includes((index + 1) % size, size, Leaves[index].Hash, path, root).ShouldBe(size == 1);
                MerkleTree.Includes(index, size, Leaves[index].Hash, [.. path, root], root).ShouldBeFalse();
            }
        }
    }

    [Fact]
    public void every_tree_is_proved_to_extend_every_smaller_one_and_no_other()
    {
        using var tree = Grown(Most);

        foreach (var to in Enumerable.Range(1, Most))
        {
            foreach (var from in Enumerable.Range(1, to))
            {
                var path = tree.ConsistencyPath(from, to);
                MerkleTree.Extends(from, tree.Root(from), to, tree.Root(to), path).ShouldBeTrue($"{from} to {to}");
                var changed = SHA256.HashData(tree.Root(from));
                MerkleTree.Extends(from, changed, to, tree.Root(to), path).ShouldBeFalse();
                MerkleTree.Extends(from, tree.Root(from), to, changed, path).ShouldBeFalse();
                MerkleTree.Extends(from, tree.Root(from), to, tree.Root(to), [.. path, changed]).ShouldBeFalse();
            }
        }
    }

    [Fact]
    public void a_tree_goes_on_where_it_was_left()
    {
        foreach (var size in Enumerable.Range(0, Most))
        {
            Grown(size).Dispose();
            using (var tree = LogTree.Open(folder))
            {
                tree.Size.ShouldBe(size);
                tree.Append(Leaves[size]);
                tree.Root(size + 1).ShouldBe(Defined(Leaves.AsSpan(0, size + 1)));
            }
            Empty();
        }
    }

    [Fact]
    public void the_nodes_for_leaves_that_are_left_out_stand_for_them_in_every_tree()
    {
        using var tree = Grown(Most);

        foreach (var size in Enumerable.Range(1, Most))
        {
            foreach (var (begin, end) in Enumerable.Range(0, size).Select(begin => (begin, (begin + size) / 2 + 1)))
            {
                var compact = new CompactTree();
                foreach (var leaf in Leaves.AsSpan(0, begin))
                    compact.Append(leaf.Hash);
                foreach (var (level, node) in MerkleTree.Cover(begin, end).Zip(tree.Cover(begin, end)))
                    compact.Append(node, level);
                for (var index = end; index < size; index++)
                    compact.Append(Leaves[index].Hash);
                compact.Size.ShouldBe(Math.Max(size, end));
                compact.Root().ShouldBe(Defined(Leaves.AsSpan(0, Math.Max(size, end))));
                MerkleTree.Cover(begin, end).Count().ShouldBeLessThanOrEqualTo(14);
            }
        }
    }

    [Theory]
    [InlineData("nodes", 0)]
    [InlineData("nodes", 40)]
    [InlineData("nodes", 32 * 37)]
    [InlineData("nodes", 32 * 39)]
    [InlineData("leaves", 40 * 37 + 13)]
    public void a_tree_that_was_being_written_when_its_process_ended_is_made_whole(string file, int length)
    {
        Grown(40).Dispose();
        using (var cut = File.OpenWrite(Path.Combine(folder, file)))
            cut.SetLength(length);

        using var tree = LogTree.Open(folder);

        var size = file == "leaves" ? 37 : 40;
        tree.Size.ShouldBe(size);
        foreach (var index in Enumerable.Range(0, size))
        {
            MerkleTree.Includes(
                index, size, Leaves[index].Hash, tree.InclusionPath(index, size), Defined(Leaves.AsSpan(0, size)))
                .ShouldBeTrue();
        }
    }

    [Fact]
    public void one_process_at_a_time_appends()
    {
        using var first = LogTree.Open(folder);

        Should.Throw<IOException>(() => LogTree.Open(folder));
    }

    [Fact]
    public void a_sequence_is_found_by_its_place_and_what_is_not_there_is_not()
    {
        using var tree = Grown(Most);

        foreach (var index in Enumerable.Range(0, Most))
            tree.IndexOf(Leaves[index].Sequence).ShouldBe(index);
        tree.IndexOf(4).ShouldBeNull();
        tree.IndexOf(0).ShouldBeNull();
        tree.IndexOf(Most * 3 + 1).ShouldBeNull();
    }

    private LogTree Grown(int size)
    {
        var tree = LogTree.Open(folder);
        foreach (var leaf in Leaves.AsSpan(0, size))
            tree.Append(leaf);
        return tree;
    }

    private void Empty()
    {
        foreach (var file in Directory.GetFiles(folder))
            File.Delete(file);
    }

    // RFC 9162, section 2.1.1, word for word.
    private static byte[] Defined(ReadOnlySpan<LogLeaf> leaves)
    {
        if (leaves.Length == 0)
            return SHA256.HashData([]);
        if (leaves.Length == 1)
            return SHA256.HashData([0, .. leaves[0].Entry]);
        var split = 1;
        while (split * 2 < leaves.Length)
            split *= 2;
        return SHA256.HashData([1, .. Defined(leaves[..split]), .. Defined(leaves[split..])]);
    }
}
