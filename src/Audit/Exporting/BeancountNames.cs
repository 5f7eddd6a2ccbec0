using System.Globalization;
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

    // Beancount takes these for values and not for commodities.
    private static readonly string[] Reserved = ["TRUE", "FALSE", "NULL"];

    /// <summary>
    /// A symbol as a commodity: of capitals, digits and ' . _ -, beginning with a capital and ending with a capital or
    /// digit, two characters at the least.
    /// </summary>
    /// <remarks>
    /// A symbol has no ' and no _, so ^ and = become those. What still is no commodity, or is the name of a currency,
    /// is put between X' and X; and so is what begins like that by itself, so that no two meet.
    /// </remarks>
    public static string Commodity(string symbol)
    {
        var name = symbol.Replace('^', '\'').Replace('=', '_');
        var isPlain = name.Length >= 2 && char.IsAsciiLetterUpper(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
            && !name.StartsWith(Prefix, StringComparison.Ordinal) && !Reserved.Contains(name)
            && !Currency.TryParse(name, out _);
        return isPlain ? name : $"{Prefix}{name}{Suffix}";
    }

    /// <summary>
    /// A symbol as a part of an account: of letters, digits and -, beginning with a capital or digit.
    /// </summary>
    /// <remarks>A symbol has no small letters, so each character that an account cannot have becomes one.</remarks>
    public static string Account(string symbol)
    {
        var name = symbol.Replace('.', 'p').Replace('=', 'e');
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
    public static string Amount(decimal amount, Currency currency)
    {
        var exact = Money.Normalize(amount);
        var text = exact.Scale >= currency.MinorUnit
            ? Number(exact)
            : exact.ToString($"F{currency.MinorUnit}", CultureInfo.InvariantCulture);
        return $"{text} {currency.Code}";
    }

    public static string Date(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateOnly DateOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);
}
