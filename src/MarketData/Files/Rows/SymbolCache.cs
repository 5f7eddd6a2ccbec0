using System.Text;
using Bifrost.Domain;

namespace Bifrost.MarketData.Files.Rows;

/// <summary>Turns the text of a symbol into its canonical form, once for all rows that have the same.</summary>
internal sealed class SymbolCache
{
    // Longer texts are no symbols, whatever they are.
    private const int LongestText = 64;

    // A file has some thousands of symbols. One whose column holds something else must not fill the memory.
    private const int Most = 50_000;

    private readonly Dictionary<string, Known> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Known>.AlternateLookup<ReadOnlySpan<char>> byText;
    private readonly byte[] last = new byte[LongestText];
    private int lastLength = -1;
    private Known lastKnown;

    public SymbolCache() => byText = known.GetAlternateLookup<ReadOnlySpan<char>>();

    public Known Find(ReadOnlySpan<byte> text)
    {
        if (text.Length == lastLength && text.SequenceEqual(last.AsSpan(0, lastLength)))
            return lastKnown;
        if (text.Length > LongestText)
            return default;
        lastKnown = Look(text);
        lastLength = text.Length;
        text.CopyTo(last);
        return lastKnown;
    }

    private Known Look(ReadOnlySpan<byte> text)
    {
        Span<char> letters = stackalloc char[LongestText];
        letters = letters[..Encoding.UTF8.GetChars(text, letters)];
        if (byText.TryGetValue(letters, out var found))
            return found;
        if (known.Count == Most)
            known.Clear();
        var written = letters.ToString();
        // What a data frame writes for nothing. NAN in capitals is the symbol of a fund.
        var isNothing = written is "" or "NaN" or "nan" or "null";
        return known[written] = new Known(isNothing ? null : Symbols.Canonical(written), isNothing);
    }

    /// <param name="Symbol">Null where the text is none.</param>
    /// <param name="IsNothing">The text says that there is no symbol.</param>
    internal readonly record struct Known(string? Symbol, bool IsNothing);
}
