using System.Text;

namespace Bifrost.MarketData.Files.Rows;

internal enum NumberKind : byte
{
    /// <summary>The value has all of the text's digits.</summary>
    Exact,

    Empty,
    NoNumber,
    NotFinite,

    /// <summary>There are more digits than a decimal has.</summary>
    TooLong,
}

internal readonly record struct Number(NumberKind Kind, decimal Value, bool IsNegative);

/// <summary>
/// Reads numbers without rounding: <see cref="decimal.Parse(string)"/> would round what has more than 28 digits, and
/// say nothing.
/// </summary>
internal static class NumberText
{
    // So many characters are at most 19 digits, which are less than 2^64.
    private const int ShortText = 19;

    private static readonly string[] EmptyWords = ["-", "null", "n/a", "na", "none"];

    private static readonly string[] NotFiniteWords = ["nan", "inf", "infinity"];

    /// <param name="isGrouped">
    /// Commas may stand between groups of three digits; apostrophes always may.
    /// </param>
    public static Number Parse(ReadOnlySpan<byte> text, bool isGrouped)
    {
        if (text.IsEmpty)
            return new Number(NumberKind.Empty, 0, false);
        var isNegative = text[0] == '-';
        var unsigned = isNegative || text[0] == '+' ? text[1..] : text;
        if (unsigned.Length <= ShortText && TryShort(unsigned, isNegative, out var value))
            return new Number(NumberKind.Exact, value, isNegative && value != 0);
        if (isGrouped && text.Contains((byte)','))
            return Grouped(unsigned, isNegative, (byte)',');
        return unsigned.Contains((byte)'\'')
            ? Grouped(unsigned, isNegative, (byte)'\'')
            : Word(text, unsigned) ?? LongNumber.Parse(unsigned, isNegative);
    }

    /// <summary>A number that may be told in thousands (K), millions (M) or thousands of millions (B).</summary>
    public static Number ParseCount(ReadOnlySpan<byte> text, bool isGrouped)
    {
        var number = Parse(text, isGrouped);
        if (number.Kind != NumberKind.NoNumber || text.Length < 2 || Of(text[^1]) is not { } unit)
            return number;
        var told = Parse(text[..^1].TrimEnd((byte)' '), isGrouped);
        // A product that needs more digits than a decimal has would lose some.
        return told.Kind != NumberKind.Exact ? new Number(NumberKind.NoNumber, 0, false)
            : told.Value.Scale > 0 || Math.Abs(told.Value) < decimal.MaxValue / unit / 10
                ? told with { Value = told.Value * unit }
                : told with { Kind = NumberKind.TooLong };
    }

    private static decimal? Of(byte letter) => (char)(letter | 0x20) switch
    {
        'k' => 1_000,
        'm' => 1_000_000,
        'b' => 1_000_000_000,
        _ => null,
    };

    private static bool TryShort(ReadOnlySpan<byte> text, bool isNegative, out decimal value)
    {
        value = 0;
        var (mantissa, point) = (0UL, -1);
        for (var i = 0; i < text.Length; i++)
        {
            var digit = Digits.Of(text[i]);
            if (digit <= 9)
                mantissa = unchecked(mantissa * 10 + digit);
            else if (text[i] == '.' && point < 0)
                point = i;
            else
                return false;
        }
        if (text.Length == (point < 0 ? 0 : 1))
            return false;
        var decimals = point < 0 ? 0 : text.Length - 1 - point;
        value = unchecked(new decimal(
            (int)mantissa, (int)(mantissa >> 32), 0, isNegative && mantissa != 0, (byte)decimals));
        return true;
    }

    private static Number Grouped(ReadOnlySpan<byte> text, bool isNegative, byte separator)
    {
        Span<byte> digits = stackalloc byte[64];
        var (count, whole) = (0, text.IndexOf((byte)'.') is var point and >= 0 ? point : text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var isSeparator = text[i] == separator;
            // Groups of three are counted from the point, and the first has at least a digit.
            var isGroupsEnd = i < whole && (whole - i) % 4 == 0;
            if (isSeparator != isGroupsEnd || (isSeparator && i == 0) || count == digits.Length)
                return new Number(NumberKind.NoNumber, 0, isNegative);
            if (!isSeparator)
                digits[count++] = text[i];
        }
        return LongNumber.Parse(digits[..count], isNegative);
    }

    private static Number? Word(ReadOnlySpan<byte> text, ReadOnlySpan<byte> unsigned)
    {
        foreach (var word in EmptyWords)
        {
            if (Ascii.EqualsIgnoreCase(text, word))
                return new Number(NumberKind.Empty, 0, false);
        }
        foreach (var word in NotFiniteWords)
        {
            if (Ascii.EqualsIgnoreCase(unsigned, word))
                return new Number(NumberKind.NotFinite, 0, false);
        }
        return null;
    }
}
