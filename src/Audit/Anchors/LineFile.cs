using System.Text;

namespace Bifrost.Audit.Anchors;

/// <summary>Lines in a file that is only appended to, by one process at a time, while any number read it.</summary>
internal static class LineFile
{
    /// <param name="mayGrow">Leaves out a last line that is there by half, which otherwise is an error.</param>
    /// <param name="fromEnd">
    /// Of how many bytes before the end lines are read; a first line that is cut is left out.
    /// </param>
    /// <exception cref="AuditException">The last line is there by half.</exception>
    public static string[] Read(string file, bool mayGrow, long fromEnd = long.MaxValue)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var begin = Math.Max(0, stream.Length - fromEnd);
        stream.Seek(begin, SeekOrigin.Begin);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = reader.ReadToEnd();
        var whole = text.LastIndexOf('\n') + 1;
        if (whole < text.Length && !mayGrow)
            throw new AuditException($"{file} is cut off within its last line.");
        var lines = text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return begin == 0 ? lines : lines[1..];
    }

    /// <summary>Returns when the line is on the disk.</summary>
    public static void Append(string file, string line)
    {
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        CutOffHalfLine(stream);
        stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Puts a text in the place of a file, in one step.</summary>
    public static void Replace(string file, string text)
    {
        var part = file + ".part";
        using (var stream = new FileStream(part, FileMode.Create, FileAccess.Write))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        File.Move(part, file, overwrite: true);
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
}
