using Bifrost.MarketData.Files.Rows;

namespace Bifrost.MarketData.Files.Times;

/// <summary>A time of day in ticks, and how many ticks it is ahead of UTC, where that is written.</summary>
internal readonly record struct ClockTime(long Ticks, long? Ahead);

/// <summary>Reads H:mm[:ss[.f]][ AM|PM][Z|±hh[[:]mm]], HHmm and HHmmss.</summary>
internal static class ClockText
{
    // No clock is further from UTC than NodaTime admits.
    private const long Furthest = 18 * TimeSpan.TicksPerHour;

    public static bool TryParse(ReadOnlySpan<byte> text, out ClockTime time)
    {
        time = default;
        var scanner = new TimeScanner(text);
        if (!TryTime(ref scanner, out var ticks) || !TryHalf(ref scanner, ref ticks))
            return false;
        long? ahead = null;
        if (!scanner.IsAtEnd)
        {
            if (!TryOffset(scanner.Rest.TrimStart((byte)' '), out var offset))
                return false;
            ahead = offset;
        }
        time = new ClockTime(ticks, ahead);
        return true;
    }

    /// <summary>Z, ±hh:mm, ±hhmm or ±hh.</summary>
    public static bool TryOffset(ReadOnlySpan<byte> text, out long ahead)
    {
        ahead = 0;
        if (text is [(byte)'Z' or (byte)'z'])
            return true;
        if (text is not [(byte)'+' or (byte)'-', ..])
            return false;
        var scanner = new TimeScanner(text[1..]);
        if (!scanner.TryNumber(out var hours, out var digits))
            return false;
        var minutes = 0;
        if (digits == 4)
            (hours, minutes) = (hours / 100, hours % 100);
        else if (digits != 2 || (scanner.TryPass((byte)':') && !TryTwo(ref scanner, 59, out minutes)))
            return false;
        if (!scanner.IsAtEnd || minutes > 59 || Ticks(hours, minutes, 0) > Furthest)
            return false;
        ahead = (text[0] == '-' ? -1 : 1) * Ticks(hours, minutes, 0);
        return true;
    }

    private static bool TryTime(ref TimeScanner scanner, out long ticks)
    {
        ticks = 0;
        var (minute, second) = (0, 0);
        if (!scanner.TryNumber(out var hour, out var digits))
            return false;
        var hasSeconds = digits == 6;
        if (digits == 6)
            (hour, minute, second) = (hour / 10_000, hour / 100 % 100, hour % 100);
        else if (digits == 4)
            (hour, minute) = (hour / 100, hour % 100);
        else if (digits > 2 || !scanner.TryPass((byte)':') || !TryTwo(ref scanner, 59, out minute))
            return false;
        else if (scanner.TryPass((byte)':') && !(hasSeconds = TryTwo(ref scanner, 59, out second)))
            return false;
        var fraction = 0L;
        if (hasSeconds && scanner.TryPass((byte)'.') && !TryFraction(ref scanner, out fraction))
            return false;
        ticks = Ticks(hour, minute, second) + fraction;
        return minute <= 59 && second <= 59 && ticks <= TimeSpan.TicksPerDay;
    }

    // Digits finer than a tick are cut off.
    private static bool TryFraction(ref TimeScanner scanner, out long fraction)
    {
        fraction = 0;
        var scale = TimeSpan.TicksPerSecond;
        var start = scanner.At;
        for (; !scanner.IsAtEnd && Digits.Of(scanner.Next) is var digit and <= 9; scanner.Pass(1))
            fraction += digit * (scale /= 10);
        return scanner.At > start;
    }

    // Twelve is the first hour of either half of the day.
    private static bool TryHalf(ref TimeScanner scanner, ref long ticks)
    {
        var rest = scanner.Rest.TrimStart((byte)' ');
        if (rest.Length < 2 || (rest[1] | 0x20) != 'm' || (rest[0] | 0x20) is not ('a' or 'p'))
            return true;
        var hour = ticks / TimeSpan.TicksPerHour;
        if (hour is < 1 or > 12)
            return false;
        ticks += TimeSpan.TicksPerHour * ((hour == 12 ? -12 : 0) + ((rest[0] | 0x20) == 'p' ? 12 : 0));
        scanner.Pass(scanner.Rest.Length - rest.Length + 2);
        return true;
    }

    private static bool TryTwo(ref TimeScanner scanner, int most, out int number) =>
        scanner.TryNumber(out number, out var digits) && digits == 2 && number <= most;

    private static long Ticks(int hours, int minutes, int seconds) =>
        hours * TimeSpan.TicksPerHour + minutes * TimeSpan.TicksPerMinute + seconds * TimeSpan.TicksPerSecond;
}
