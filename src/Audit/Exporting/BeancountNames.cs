using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Bifrost.Domain;

namespace Bifrost.Audit.Exporting;

/// <summary>
/// How symbols, texts and amounts are written in Beancount. Two symbols never become one name, and the same symbol is
/// the same name in every export.
/// </summary>
internal static class BeancountNames
{
    private const string Prefix = "X'";

    private const string Suffix = "X";

    // What the names of rarer kinds end in, so that none of them is one of another kind.
    private const string SpelledSuffix = "Y";

    private const string DigestSuffix = "Z";

    // Beancount takes no longer names before its version 3.
    private const int LongestName = 24;

    private const string DigestLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    // Beancount takes these for values and not for commodities.
    private static readonly string[] Reserved = ["TRUE", "FALSE", "NULL"];

    /// <summary>
    /// A symbol as a commodity: of capitals, digits and ' . _ -, beginning with a capital and ending with a capital or
    /// digit, two characters at the least.
    /// </summary>
    /// <remarks>
    /// A symbol has no ' and no _, so ^ and = become those. What still is no commodity, or is the name of a currency,
    /// is put between X' and X; and so is what begins like that by itself, so that no two meet. In a symbol with one of
    /// / &amp; : or a space, these and ^ and = are spelled as ' and a letter, and it is put between X' and Y. What is
    /// longer then than a name may be becomes three letters or digits of it and a digest, between X' and Z.
    /// </remarks>
    public static string Commodity(string symbol)
    {
        var name = symbol.IndexOfAny(['/', '&', ':', ' ']) < 0 ? Short(symbol) : Spelled(symbol);
        return name.Length <= LongestName ? name : Digest(symbol);
    }

    private static string Short(string symbol)
    {
        var name = symbol.Replace('^', '\'').Replace('=', '_');
        var isPlain = name.Length >= 2 && char.IsAsciiLetterUpper(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
            && !name.StartsWith(Prefix, StringComparison.Ordinal) && !Reserved.Contains(name)
            && !Currency.TryParse(name, out _);
        return isPlain ? name : $"{Prefix}{name}{Suffix}";
    }

    private static string Spelled(string symbol)
    {
        var name = new StringBuilder(Prefix);
        foreach (var c in symbol)
        {
            name.Append(c switch
            {
                '/' => "'S",
                '&' => "'A",
                ':' => "'D",
                ' ' => "'W",
                '^' => "'C",
                '=' => "'E",
                _ => c.ToString(),
            });
        }
        return $"{name}{SpelledSuffix}";
    }

    // Of 85 bits: two symbols do not meet by chance, and nobody finds two that do.
    private static string Digest(string symbol)
    {
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(symbol));
        var digest = string.Concat(hash.Take(17).Select(part => DigestLetters[part & 31]));
        return $"{Prefix}{string.Concat(symbol.Where(char.IsAsciiLetterOrDigit).Take(3))}'{digest}{DigestSuffix}";
    }

    /// <summary>
    /// A symbol as a part of an account: of letters, digits and -, beginning with a capital or digit.
    /// </summary>
    /// <remarks>A symbol has no small letters, so each character that an account cannot have becomes one.</remarks>
    public static string Account(string symbol)
    {
        var name = symbol.Replace('.', 'p').Replace('=', 'e').Replace('/', 's').Replace('&', 'a').Replace(':', 'd')
            .Replace(' ', 'w');
        return name[0] == '^' ? $"Xi{name[1..].Replace('^', 'c')}" : name.Replace('^', 'c');
    }

    public static string Text(string text)
    {
        var escaped = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            escaped.Append(c switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\n' => @"\n",
                '\r' => @"\r",
                '\t' => @"\t",
                _ => c.ToString(),
            });
        }
        return escaped.Append('"').ToString();
    }

    public static string Number(decimal number) => Money.Normalize(number).ToString(CultureInfo.InvariantCulture);

    /// <summary>An amount with all of its digits, and at least those of the currency.</summary>
    public static string Amount(decimal amount, string code)
    {
        var currency = Currency.Of(code);
        var exact = Money.Normalize(amount);
        var text = exact.Scale >= currency.MinorUnit
            ? Number(exact)
            : exact.ToString($"F{currency.MinorUnit}", CultureInfo.InvariantCulture);
        return $"{text} {currency.Code}";
    }

    public static string Date(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateOnly DateOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);
}
