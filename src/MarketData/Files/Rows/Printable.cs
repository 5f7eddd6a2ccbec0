using System.Text;

namespace Bifrost.MarketData.Files.Rows;

/// <summary>Bytes of a file as text that PostgreSQL takes: without NUL, in whole characters.</summary>
internal static class Printable
{
    private const int LongestValue = 60;

    /// <summary>A value as it stands in a sentence.</summary>
    public static string Value(ReadOnlySpan<byte> text) => $"'{Text(text, LongestValue)}'";

    /// <summary>At most so many characters, with a sign for each that UTF-8 or PostgreSQL does not have.</summary>
    public static string Text(ReadOnlySpan<byte> text, int longest)
    {
        // A character takes at most three bytes, or four where it counts as two, so that what is cut here inside of a
        // character lies behind the longest text.
        var needed = text.Length > 4L * longest ? text[..(4 * longest)] : text;
        return Cut(Encoding.UTF8.GetString(needed).Replace('\0', '\uFFFD'), longest);
    }

    // Half of a pair cannot be encoded, and would fail the transaction that stores it.
    public static string Cut(string text, int longest)
    {
        if (text.Length <= longest)
            return text;
        return char.IsHighSurrogate(text[longest - 1]) ? text[..(longest - 1)] : text[..longest];
    }
}
