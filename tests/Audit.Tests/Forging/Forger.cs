using System.Globalization;
using System.Numerics;
using System.Text;
using Bifrost.Audit.Exporting;
using Bifrost.Audit.Proofs;
using Bifrost.EventStore;

namespace Bifrost.Audit.Tests.Forging;

/// <summary>
/// Somebody who has all of the log, knows each format and all of this code, and has everything but the key: makes an
/// export of anything, as all of the log or as any part of it, with every count, chain, tree and proof computed anew.
/// </summary>
internal sealed class Forger
{
    private readonly List<ForgedEvent> truth;
    private readonly string log;

    /// <param name="whole">An export of all of the log.</param>
    public Forger(string whole)
    {
        var lines = File.ReadAllLines(whole);
        log = System.Text.Json.Nodes.JsonNode.Parse(lines[0])!["log"]!.GetValue<string>();
        truth = [.. lines[1..^1].Select(ForgedEvent.Of)];
        Seal(truth);
        Events = [.. truth.Select(e => e with { })];
    }

    /// <summary>All of the log, as he wants it to be.</summary>
    public List<ForgedEvent> Events { get; private set; }

    /// <summary>What he leaves in the log and out of the file.</summary>
    public Func<ForgedEvent, bool> LeavesOut { get; set; } = _ => false;

    /// <summary>Whether proofs are those of the true log, and not of the forged one.</summary>
    public bool HasTrueProofs { get; set; }

    /// <summary>Writes it as the part that it is to be taken for.</summary>
    /// <param name="claimed">What its first line says; what it is of where it is null.</param>
    /// <returns>The lines of the file.</returns>
    public List<string> Write(ExportScope part, ExportScope? claimed = null)
    {
        Seal(Events);
        var tree = HasTrueProofs ? truth : Events;
        var written = Within(part).Where(e => !LeavesOut(e)).ToList();
        var (lines, next) = (new List<string> { Header(claimed ?? part) }, 0);
        foreach (var e in written)
        {
            var place = tree.FindIndex(leaf => leaf.Sequence == e.Sequence);
            var index = place < next ? next : place;
            lines.Add(e.ToLine(part.IsWhole ? "" : $",\"index\":{index},\"gap\":[{Cover(tree, next, index)}]"));
            next = index + 1;
        }
        var end = part.IsWhole ? "" : $",\"gap\":[{Cover(tree, next, tree.Count)}]";
        var isClosed = part.To is { } to && written.Count > 0
            && string.CompareOrdinal(written[^1].RecordedAt, EventHash.Text(to)) >= 0;
        if (part.PortfolioId is { } portfolioId && !isClosed)
            end += $",\"head\":[{Hashes(Heads(tree).Path(portfolioId))}]";
        lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"events\":{written.Count},\"lastSequence\":{(written.Count == 0 ? 0 : written[^1].Sequence)}{end}}}"));
        return lines;
    }

    public static string Save(string folder, IEnumerable<string> lines)
    {
        var file = Path.Combine(folder, $"{Guid.NewGuid():N}.jsonl");
        File.WriteAllText(file, string.Concat(lines.Select(line => $"{line}\n")), new UTF8Encoding(false));
        return file;
    }

    // As the exporter has it: a part of a time has an event from beyond its beginning and one from beyond its end.
    private IEnumerable<ForgedEvent> Within(ExportScope part)
    {
        var own = Events.Where(e => part.PortfolioId is null || e.PortfolioId == part.PortfolioId).ToList();
        var from = part.From is { } begin ? EventHash.Text(begin) : "";
        var to = part.To is { } end ? EventHash.Text(end) : "9";
        var first = own.FindIndex(e => string.CompareOrdinal(e.RecordedAt, from) >= 0);
        var last = own.FindLastIndex(e => string.CompareOrdinal(e.RecordedAt, to) < 0);
        first = Math.Max(first - 1, 0);
        return own.Skip(first).Take(Math.Min(last + 1, own.Count - 1) - first + 1);
    }

    private string Header(ExportScope claimed)
    {
        var text = new StringBuilder($"{{\"format\":\"bifrost export 1\",\"log\":\"{log}\"");
        if (claimed.PortfolioId is { } portfolioId)
            text.Append(CultureInfo.InvariantCulture, $",\"portfolioId\":{portfolioId}");
        if (claimed.From is { } from)
            text.Append(CultureInfo.InvariantCulture, $",\"from\":\"{EventHash.Text(from)}\"");
        if (claimed.To is { } to)
            text.Append(CultureInfo.InvariantCulture, $",\"to\":\"{EventHash.Text(to)}\"");
        if (!claimed.IsWhole)
            text.Append(CultureInfo.InvariantCulture, $",\"size\":{truth.Count}");
        return text.Append('}').ToString();
    }

    // Versions as they come, so that no chain has a hole.
    private static void Seal(List<ForgedEvent> events)
    {
        var heads = new Dictionary<int, (long Version, byte[] Hash)>();
        foreach (var e in events)
        {
            var (version, hash) = heads.GetValueOrDefault(e.PortfolioId, (0, EventHash.Beginning));
            e.PortfolioVersion = version + 1;
            e.Seal(hash);
            heads[e.PortfolioId] = (e.PortfolioVersion, e.Hash);
        }
    }

    private static HeadsTree Heads(List<ForgedEvent> events)
    {
        var heads = new HeadsTree();
        foreach (var e in events)
            heads.Set(new PortfolioHead(e.PortfolioId, e.PortfolioVersion, e.Sequence, e.Hash));
        return heads;
    }

    private static string Cover(List<ForgedEvent> events, int begin, int end)
    {
        var nodes = new List<byte[]>();
        while (begin < end)
        {
            var size = 1 << Math.Min(
                begin == 0 ? 30 : BitOperations.TrailingZeroCount(begin), BitOperations.Log2((uint)(end - begin)));
            nodes.Add(Node(events, begin, size));
            begin += size;
        }
        return Hashes(nodes);
    }

    private static byte[] Node(List<ForgedEvent> events, int begin, int size) => size == 1
        ? events[begin].Leaf
        : MerkleTree.NodeHash(Node(events, begin, size / 2), Node(events, begin + size / 2, size / 2));

    private static string Hashes(IEnumerable<byte[]> hashes) =>
        string.Join(',', hashes.Select(hash => $"\"{Convert.ToHexStringLower(hash)}\""));
}
