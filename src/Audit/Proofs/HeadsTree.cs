using System.Security.Cryptography;
using Npgsql;

namespace Bifrost.Audit.Proofs;

/// <summary>The last event of a portfolio at a moment of the log.</summary>
public readonly record struct PortfolioHead(int PortfolioId, long Version, long Sequence, byte[] Hash)
{
    /// <summary>As the tree of heads has it: SHA-256 over netstrings, as docs/audit.md tells.</summary>
    public byte[] LeafHash => SHA256.HashData(Netstrings.Of(
        "bifrost head 1",
        Netstrings.Number(PortfolioId),
        Netstrings.Number(Version),
        Netstrings.Number(Sequence),
        Convert.ToHexStringLower(Hash)));
}

/// <summary>
/// A Merkle tree over the last event of every portfolio: its root tells which event is a portfolio's last one, and a
/// path of 32 hashes proves it, so that whoever has one portfolio's history knows that it has its end.
/// </summary>
/// <remarks>
/// The tree has a place for each portfolio that there can be, by the bits of its id; a node with nothing below it is 32
/// zero bytes. Only nodes with something below them are kept: some 300 bytes of memory for each portfolio.
/// </remarks>
public sealed class HeadsTree
{
    /// <summary>Between the root and the leaves: as many as an id has bits.</summary>
    public const int Levels = 32;

    private static readonly byte[] Nothing = new byte[MerkleTree.HashBytes];

    // Looks each portfolio up by its key, and of each the last event through the sequence, backwards from its newest.
    private const string Heads =
        """
        WITH RECURSIVE known AS (
            (SELECT portfolio_id FROM ledger.portfolio_event ORDER BY portfolio_id LIMIT 1)
            UNION ALL
            SELECT (SELECT p.portfolio_id FROM ledger.portfolio_event p
                    WHERE p.portfolio_id > known.portfolio_id ORDER BY p.portfolio_id LIMIT 1)
            FROM known WHERE known.portfolio_id IS NOT NULL
        )
        SELECT known.portfolio_id, head.version, head.seq_id, head.hash
        FROM known CROSS JOIN LATERAL (
            SELECT p.version, p.seq_id, p.hash FROM ledger.portfolio_event p
            WHERE p.portfolio_id = known.portfolio_id AND p.seq_id <= $1 ORDER BY p.version DESC LIMIT 1) AS head
        """;

    private readonly Dictionary<(int Level, uint Place), byte[]> nodes = [];
    private readonly Dictionary<int, PortfolioHead> changed = [];

    /// <summary>The heads as they were when the log ended with an event.</summary>
    public static async Task<HeadsTree> Read(NpgsqlConnection connection, long sequence, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Heads, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = sequence });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var tree = new HeadsTree();
        while (await reader.ReadAsync(cancel))
        {
            tree.Set(new PortfolioHead(
                reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<byte[]>(3)));
        }
        return tree;
    }

    public void Set(PortfolioHead head) => changed[head.PortfolioId] = head;

    /// <summary>Costs 32 hashes for each portfolio that was set since it was asked for last.</summary>
    public byte[] Root()
    {
        foreach (var (id, head) in changed)
            nodes[(0, Place(id))] = head.LeafHash;
        HashSet<uint> places = [.. changed.Keys.Select(Place)];
        for (var level = 0; level < Levels; level++)
        {
            HashSet<uint> above = [.. places.Select(place => place >> 1)];
            foreach (var place in above)
                nodes[(level + 1, place)] = NodeHash(Node(level, place << 1), Node(level, (place << 1) | 1));
            places = above;
        }
        changed.Clear();
        return Node(Levels, 0);
    }

    /// <summary>What proves the head of a portfolio against the root: the siblings, from the leaf's up.</summary>
    public IReadOnlyList<byte[]> Path(int portfolioId)
    {
        Root();
        return [.. Enumerable.Range(0, Levels).Select(level => Node(level, (Place(portfolioId) >> level) ^ 1))];
    }

    /// <summary>Whether a portfolio's last event was this one, where the tree of all heads had this root.</summary>
    public static bool Includes(PortfolioHead head, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> root)
    {
        if (path.Count != Levels)
            return false;
        var (hash, place) = (head.LeafHash, Place(head.PortfolioId));
        foreach (var sibling in path)
        {
            hash = (place & 1) == 1 ? NodeHash(sibling, hash) : NodeHash(hash, sibling);
            place >>= 1;
        }
        return root.SequenceEqual(hash);
    }

    private static uint Place(int portfolioId) => unchecked((uint)portfolioId);

    private byte[] Node(int level, uint place) => nodes.GetValueOrDefault((level, place), Nothing);

    private static byte[] NodeHash(byte[] left, byte[] right) =>
        left.AsSpan().SequenceEqual(Nothing) && right.AsSpan().SequenceEqual(Nothing)
            ? Nothing
            : MerkleTree.NodeHash(left, right);
}
