using System.Globalization;
using Bifrost.Api.Http;

namespace Bifrost.Api.MarketData;

/// <summary>
/// Times of the market, which may lie before there were ledgers, from one that is included to one that is not.
/// </summary>
internal readonly record struct TimeRange(DateTime From, DateTime To)
{
    private static readonly DateTime Beginning = new(1, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime End = new(9999, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static TimeRange Of(Check check, string? from, string? to)
    {
        var range = new TimeRange(check.MarketTime("from", from) ?? Beginning, check.MarketTime("to", to) ?? End);
        if (range.From >= range.To)
            check.Add("to", "must be after from.");
        return range;
    }
}

internal static class MarketTimes
{
    private static readonly string[] Forms =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFK",
    ];

    /// <summary>A date, or an RFC 3339 time; without an offset it is in UTC.</summary>
    public static DateTime? MarketTime(this Check check, string field, string? text)
    {
        if (text is null)
            return null;
        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        // A plus sign that was not escaped in the query has become a space.
        if (DateTime.TryParseExact(text.Replace(' ', '+'), Forms, CultureInfo.InvariantCulture, Styles, out var time))
            return time;
        check.Add(field, "is not a date such as 2024-03-08 or a time such as 2024-03-08T14:30:00Z.");
        return null;
    }
}
