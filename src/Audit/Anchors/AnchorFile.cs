using System.Text;

namespace Bifrost.Audit.Anchors;

/// <summary>Anchors in a file, a line each, oldest first; it is only appended to.</summary>
public static class AnchorFile
{
    public const string Name = "anchors.jsonl";

    // More than a line takes, with as many co-signatures as there may be.
    private const int LongestLine = 32 * 1024;

    /// <summary>All anchors of a file that has some.</summary>
    /// <param name="mayGrow">
    /// Where a server appends to it meanwhile, so that its last line may be there by half; in a copy one was cut off.
    /// </param>
    /// <exception cref="AuditException">
    /// There are none, a line is no anchor, or they do not stand in the order of one log and of time.
    /// </exception>
    public static List<Anchor> Read(string file, bool mayGrow = false)
    {
        var anchors = new List<Anchor>();
        var lines = File.Exists(file) ? LineFile.Read(file, mayGrow) : [];
        if (lines.Length == 0)
            throw new AuditException($"There are no anchors in {file}, which should hold some: nothing was verified.");
        foreach (var line in lines)
        {
            var anchor = Parse(file, anchors.Count + 1, line);
            if (anchors is [.., var before] && ProblemAfter(before, anchor) is { } problem)
                throw new AuditException($"{file}, line {anchors.Count + 1}: it {problem}.");
            anchors.Add(anchor);
        }
        return anchors;
    }

    /// <summary>The newest anchor; null where there is none.</summary>
    public static Anchor? Latest(string file) =>
        File.Exists(file) && LineFile.Read(file, mayGrow: true, LongestLine).LastOrDefault() is { } line
            ? Parse(file, 0, line)
            : null;

    /// <summary>The anchor of a size; null where there is none.</summary>
    public static Anchor? Find(string file, long size) => File.Exists(file)
        ? LineFile.Read(file, mayGrow: true)
            .Select(line => Parse(file, 0, line)).FirstOrDefault(anchor => anchor.Size == size)
        : null;

    /// <summary>
    /// The newest anchor that was signed in a folder, as it is told beside the file of all; null where none was.
    /// </summary>
    /// <exception cref="AuditException">It is no anchor.</exception>
    internal static Anchor? ReadNewest(string file) =>
        File.Exists(file) ? Parse(file, 0, File.ReadAllText(file).TrimEnd('\n')) : null;

    /// <summary>Returns when the line is on the disk, and then that it is the newest.</summary>
    internal static void Append(AuditFolder folder, Anchor anchor)
    {
        LineFile.Append(folder.Anchors, anchor.ToLine());
        LineFile.Replace(folder.Newest, anchor.ToLine() + "\n");
    }

    private static string? ProblemAfter(Anchor before, Anchor anchor) => anchor switch
    {
        _ when anchor.Log != before.Log => $"is of the log {anchor.Log}, and the one before it of {before.Log}",
        _ when anchor.Size <= before.Size => "is no larger than the one before it",
        _ when string.CompareOrdinal(anchor.At, before.At) < 0 => "was signed before the one that stands before it",
        _ => null,
    };

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
