using System.Globalization;

namespace Bifrost.Cli.Keys;

/// <summary>When a key is to end, as the operator says it.</summary>
internal static class Expiry
{
    private const int MostDays = 36_500;

    /// <returns>Null where the text is neither a date to come nor a number of days.</returns>
    public static DateTimeOffset? Read(string text, DateTimeOffset now)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days))
            return days is > 0 and <= MostDays ? now.AddDays(days) : null;
        if (!DateOnly.TryParseExact(
            text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return null;
        }
        var end = new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero);
        return end > now ? end : null;
    }
}
