namespace Bifrost.MarketData.Files.Source;

/// <summary>Lines, without their ends. Blank lines and those that begin with # are counted and passed over.</summary>
internal sealed class LineRecords(ByteWindow window) : Records(window)
{
    public override bool TryNext(out ReadOnlySpan<byte> record)
    {
        while (TryLine(out record))
        {
            if (record.Length > 0 && (record[0] > '#' || IsContent(record)))
                return true;
        }
        return false;
    }

    private bool TryLine(out ReadOnlySpan<byte> line)
    {
        line = default;
        if (At.IsSkipping && !SkipRest())
            return false;
        var unread = Window.Unread;
        var length = unread[At.Scanned..].IndexOf((byte)'\n');
        if (length >= 0)
        {
            length += At.Scanned;
            line = unread[..length];
            Window.Take(length + 1);
        }
        else if (!TryUnended(unread, out line))
        {
            return false;
        }
        At.Scanned = 0;
        At.Number++;
        if (line.Length > 0 && line[^1] == '\r')
            line = line.TrimEnd((byte)'\r');
        At.IsTooLong = line.Length > Longest;
        return true;
    }

    // A line without an end is one at the end of the source, or one that is too long already. The last of a damaged
    // source was cut, and might pass for one with a smaller number in its last field.
    private bool TryUnended(ReadOnlySpan<byte> unread, out ReadOnlySpan<byte> line)
    {
        line = unread;
        if (Window.AtEnd ? unread.IsEmpty || Window.IsDamaged : unread.Length <= Longest + 1)
        {
            At.Scanned = unread.Length;
            return false;
        }
        At.IsSkipping = !Window.AtEnd;
        Window.Take(unread.Length);
        return true;
    }

    private bool SkipRest()
    {
        var unread = Window.Unread;
        var end = unread.IndexOf((byte)'\n');
        Window.Take(end < 0 ? unread.Length : end + 1);
        At.IsSkipping = end < 0;
        return end >= 0;
    }

    private static bool IsContent(ReadOnlySpan<byte> line)
    {
        var text = line.TrimStart(" \t"u8);
        return text.Length > 0 && text[0] != '#';
    }
}
