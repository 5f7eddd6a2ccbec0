using System.Text;

namespace Bifrost.MarketData.Files.Times;

/// <summary>Reads a date at the beginning of a text, in any of the orders that files have.</summary>
internal static class DateText
{
    private static readonly string[] Months =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ];

    /// <summary>Days since 0001-01-01.</summary>
    public static bool TryRead(ref TimeScanner text, TimeForms forms, out int day)
    {
        day = 0;
        if (text.IsAtLetter)
            return TryMonthFirst(ref text, forms, out day);
        if (!text.TryNumber(out var first, out var digits))
            return false;
        if (digits == 8)
            return TryDay(first / 10_000, first / 100 % 100, first % 100, out day);
        var separator = text.Next;
        if (!text.TryPass(separator))
            return false;
        return digits switch
        {
            4 => TryYearFirst(ref text, first, separator, out day),
            <= 2 when text.IsAtLetter => TryMonthName(ref text, out var month)
                && separator is (byte)'-' or (byte)' ' or (byte)'/'
                && text.TryPass(separator)
                && TryYear(ref text, forms, out var year)
                && TryDay(year, month, first, out day),
            <= 2 => TryYearLast(ref text, first, separator, forms.Order, out day),
            _ => false,
        };
    }

    public static bool TryDay(int year, int month, int dayOfMonth, out int day)
    {
        day = 0;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || dayOfMonth < 1
            || dayOfMonth > DateTime.DaysInMonth(year, month))
            return false;
        day = new DateOnly(year, month, dayOfMonth).DayNumber;
        return true;
    }

    // 2006-01-02, 2006/1/2, 2006.01.02
    private static bool TryYearFirst(ref TimeScanner text, int year, byte separator, out int day)
    {
        day = 0;
        return separator is (byte)'-' or (byte)'/' or (byte)'.'
            && TryShort(ref text, out var month)
            && text.TryPass(separator)
            && TryShort(ref text, out var dayOfMonth)
            && TryDay(year, month, dayOfMonth, out day);
    }

    // 1/2/2006 and 1-2-2006, whose order is not certain, and 2.1.2006, whose order is.
    private static bool TryYearLast(ref TimeScanner text, int first, byte separator, DateOrder? order, out int day)
    {
        day = 0;
        if (separator is not ((byte)'-' or (byte)'/' or (byte)'.')
            || !TryShort(ref text, out var second)
            || !text.TryPass(separator)
            || !text.TryNumber(out var year, out var digits)
            || digits != 4)
            return false;
        if (separator == '.')
            order = DateOrder.DayMonthYear;
        // Without an order only what can be read one way, or comes to the same both ways.
        var isEither = order is null && first != second && first <= 12 && second <= 12;
        return !isEither && (order == DateOrder.DayMonthYear || (order is null && first > 12)
            ? TryDay(year, second, first, out day)
            : TryDay(year, first, second, out day));
    }

    // Jan 2, 2006
    private static bool TryMonthFirst(ref TimeScanner text, TimeForms forms, out int day)
    {
        day = 0;
        if (!TryMonthName(ref text, out var month)
            || !text.TryPass((byte)' ')
            || !TryShort(ref text, out var dayOfMonth))
            return false;
        text.TryPass((byte)',');
        return text.TryPass((byte)' ')
            && TryYear(ref text, forms, out var year)
            && TryDay(year, month, dayOfMonth, out day);
    }

    // By its first three letters, or all of them.
    private static bool TryMonthName(ref TimeScanner text, out int month)
    {
        var rest = text.Rest;
        var length = 0;
        while (length < rest.Length && char.IsAsciiLetter((char)rest[length]))
            length++;
        text.Pass(length);
        for (month = 1; month <= Months.Length; month++)
        {
            var name = Months[month - 1];
            if (Ascii.EqualsIgnoreCase(rest[..length], length == 3 ? name.AsSpan(0, 3) : name))
                return true;
        }
        return false;
    }

    // A bar cannot lie in the future, and so neither can its year.
    private static bool TryYear(ref TimeScanner text, TimeForms forms, out int year)
    {
        if (!text.TryNumber(out year, out var digits))
            return false;
        if (digits == 2)
            year += forms.LatestYear / 100 * 100 - (year > forms.LatestYear % 100 ? 100 : 0);
        return digits is 2 or 4;
    }

    private static bool TryShort(ref TimeScanner text, out int number) =>
        text.TryNumber(out number, out var digits) && digits <= 2;
}
