using System.Text;

namespace Bifrost.Audit.Anchors;

/// <summary>Anchors in a file, a line each, oldest first; it is only appended to.</summary>
public static class AnchorFile
{
    public const string Name = "anchors.jsonl";

    // More than a line takes.
    private const int LongestLine = 8192;

    /// <exception cref="AuditException">A line is no anchor, or they do not stand in their order.</exception>
    public static List<Anchor> Read(string file)
    {
        var anchors = new List<Anchor>();
        if (!File.Exists(file))
            throw new AuditException($"There are no anchors in {file}.");
        foreach (var line in Lines(file))
        {
            var anchor = Parse(file, anchors.Count + 1, line);
            if (anchors is [.., var before] && anchor.Size <= before.Size)
                throw new AuditException($"{file}, line {anchors.Count + 1}: it is no larger than the one before it.");
            anchors.Add(anchor);
        }
        return anchors;
    }

    /// <summary>The newest anchor; null where there is none.</summary>
    public static Anchor? Latest(string file) =>
        File.Exists(file) && Lines(file, LongestLine).LastOrDefault() is { } line ? Parse(file, 0, line) : null;

    /// <summary>The anchor of a size; null where there is none.</summary>
    public static Anchor? Find(string file, long size) => File.Exists(file)
        ? Lines(file).Select(line => Parse(file, 0, line)).FirstOrDefault(anchor => anchor.Size == size)
        : null;

    /// <summary>Returns when the line is on the disk.</summary>
    internal static void Append(string file, Anchor anchor)
    {
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        CutOffHalfLine(stream);
        stream.Write(Encoding.UTF8.GetBytes(anchor.ToLine() + "\n"));
        stream.Flush(flushToDisk: true);
    }

    // The last line may be half written, and where only the end is read the first one is cut.
    private static string[] Lines(string file, long fromEnd = long.MaxValue)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var begin = Math.Max(0, stream.Length - fromEnd);
        stream.Seek(begin, SeekOrigin.Begin);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = reader.ReadToEnd();
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return begin == 0 ? lines : lines[1..];
    }

    // What a process had begun to write when it ended was acknowledged to nobody.
    private static void CutOffHalfLine(FileStream stream)
    {
        while (stream.Length > 0)
        {
            stream.Seek(-1, SeekOrigin.End);
            if (stream.ReadByte() == '\n')
                return;
            stream.SetLength(stream.Length - 1);
        }
    }

    private static Anchor Parse(string file, int line, string text)
    {
        try
        {
            return Anchor.Parse(text);
        }
        catch (FormatException e)
        {
            throw new AuditException($"{file}{(line > 0 ? $", line {line}" : "")}: {e.Message}", e);
        }
    }
}
