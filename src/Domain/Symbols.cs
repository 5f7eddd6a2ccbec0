using System.Text.RegularExpressions;

namespace Bifrost.Domain;

/// <summary>What a symbol may look like, in orders and in bars alike.</summary>
public static partial class Symbols
{
    public const string Rule = "has 1 to 20 characters of A-Z 0-9 . - ^ = and begins with a letter, a digit or ^.";

    /// <summary>The canonical form: without space around it, in upper case. Null where it cannot be a symbol.</summary>
    public static string? Canonical(string text)
    {
        var symbol = text.Trim().ToUpperInvariant();
        return Form().IsMatch(symbol) ? symbol : null;
    }

    // \z and not $, which would let a line break stand at the end.
    [GeneratedRegex(@"^[A-Z0-9^][A-Z0-9.\-^=]{0,19}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
