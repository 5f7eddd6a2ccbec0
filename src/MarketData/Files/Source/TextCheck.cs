namespace Bifrost.MarketData.Files.Source;

/// <summary>Tells text from what cannot be read as text, by its first bytes.</summary>
internal static class TextCheck
{
    public const string Damaged = "The gzip data is damaged before its first row.";

    /// <summary>Reads past a byte-order mark.</summary>
    /// <exception cref="UnreadableBarsException">There is nothing, or nothing in UTF-8.</exception>
    public static void Pass(ByteWindow window)
    {
        var text = window.Sample;
        if (text.IsEmpty)
            throw new UnreadableBarsException(window.IsDamaged ? Damaged : "The file is empty.");
        if (text is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new UnreadableBarsException(
                "The file is UTF-16: save it as UTF-8, for example with iconv -f UTF-16 -t UTF-8.");
        if (IsBinary(text))
            throw new UnreadableBarsException(
                "The file is no text, it has NUL bytes: save it as CSV or JSON in UTF-8, packed at most with gzip.");
        if (text is [0xEF, 0xBB, 0xBF, ..])
            window.Take(3);
    }

    // A text with a damaged line has some NUL bytes in that line; what is no text has them all over.
    private static bool IsBinary(ReadOnlySpan<byte> text)
    {
        if (!text.Contains((byte)0))
            return false;
        var (lines, damaged) = (0, 0);
        foreach (var range in text.Split((byte)'\n'))
        {
            lines++;
            damaged += text[range].Contains((byte)0) ? 1 : 0;
        }
        return damaged * 2 > lines;
    }
}
