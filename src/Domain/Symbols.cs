using System.Text.RegularExpressions;

namespace Bifrost.Domain;

/// <summary>What a symbol may look like, in orders and in bars alike: what sources call instruments by.</summary>
public static partial class Symbols
{
    public const int Longest = 32;

    public const string Rule =
        "has 1 to 32 characters of A-Z 0-9 . - ^ = / & : and single spaces within, and begins with a letter, a digit "
        + "or ^.";

    /// <summary>The canonical form: without space around it, in upper case. Null where it cannot be a symbol.</summary>
    public static string? Canonical(string text)
    {
        var symbol = text.Trim().ToUpperInvariant();
        return symbol.Length <= Longest && symbol != Nothing && Form().IsMatch(symbol) ? symbol : null;
    }

    // What tables write where there is no symbol.
    private const string Nothing = "N/A";

    // \z and not $, which would let a line break stand at the end.
    [GeneratedRegex(@"^[A-Z0-9^](?: ?[A-Z0-9.\-^=/&:])*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
