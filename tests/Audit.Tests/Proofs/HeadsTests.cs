using System.Security.Cryptography;
using Bifrost.Audit.Proofs;

namespace Bifrost.Audit.Tests.Proofs;

/// <summary>The tree of the last event of each portfolio.</summary>
public sealed class HeadsTests
{
    private static readonly int[] Ids = [1, 2, 3, 4, 1000, 65_536, int.MaxValue];

    [Fact]
    public void each_head_is_proved_and_nothing_else_is()
    {
        var tree = new HeadsTree();
        foreach (var id in Ids)
            tree.Set(Head(id, 3));

        foreach (var id in Ids)
        {
            var (head, path, root) = (Head(id, 3), tree.Path(id), tree.Root());
            HeadsTree.Includes(head, path, root).ShouldBeTrue();
            HeadsTree.Includes(Head(id, 2), path, root).ShouldBeFalse();
            HeadsTree.Includes(head with { Sequence = 8 }, path, root).ShouldBeFalse();
            HeadsTree.Includes(head with { PortfolioId = id ^ 1 }, path, root).ShouldBeFalse();
            HeadsTree.Includes(head, [.. path.Skip(1)], root).ShouldBeFalse();
            HeadsTree.Includes(head, [.. path, root], root).ShouldBeFalse();
        }
    }

    [Fact]
    public void the_root_is_that_of_the_heads_in_whatever_order_they_came_to_be()
    {
        var (one, other) = (new HeadsTree(), new HeadsTree());
        foreach (var id in Ids)
        {
            one.Set(Head(id, 1));
            one.Root();
            one.Set(Head(id, 2));
        }
        foreach (var id in Ids.Reverse())
            other.Set(Head(id, 2));

        one.Root().ShouldBe(other.Root());
        other.Set(Head(Ids[0], 3));
        other.Root().ShouldNotBe(one.Root());
    }

    [Fact]
    public void nothing_is_32_zero_bytes() => new HeadsTree().Root().ShouldBe(new byte[32]);

    private static PortfolioHead Head(int id, long version) =>
        new(id, version, 10L * id + version, SHA256.HashData([(byte)version]));
}
