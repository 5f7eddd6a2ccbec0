using NodaTime;

namespace Bifrost.Instruments.Exchanges;

/// <summary>One day of trading, by its date in the exchange's own calendar.</summary>
/// <param name="Opens">In UTC; on the evening before where the exchange opens then.</param>
/// <param name="Closes">In UTC.</param>
/// <param name="ClosesEarly">Whether it ends before the usual time.</param>
public sealed record Session(DateOnly Date, DateTime Opens, DateTime Closes, bool ClosesEarly);

/// <summary>
/// Where instruments trade, and in which sessions. The sessions share out all time: each moment belongs to one, those
/// outside of trading hours as well, and later moments never to earlier sessions.
/// </summary>
/// <remarks>
/// A session's share of time ends with its own day in the exchange's zone, or, where the exchange opens on the evening
/// before, with the next opening. What falls on a day without a session belongs to the next one.
/// </remarks>
public sealed class Exchange
{
    // Without a session for so long a calendar would be wrong; it keeps the search for the next one from going on.
    private const int LongestPause = 60;

    private readonly DateTimeZone zone;
    private readonly TimeOnly opens;
    private readonly TimeOnly closes;
    private readonly HashSet<DayOfWeek> weekdays;

    internal Exchange(CalendarFile file, CalendarFile calendar)
    {
        (Code, Name, TimeZone, Source) = (file.Code, file.Name, file.TimeZone, file.Source);
        zone = DateTimeZoneProviders.Tzdb[file.TimeZone];
        (opens, closes) = (file.Opens, file.Closes);
        OpensDayBefore = opens >= closes && opens != TimeOnly.MinValue;
        weekdays = [.. file.Weekdays.Select(CalendarFile.Day)];
        (Holidays, EarlyCloses, Years) = (calendar.Holidays, calendar.EarlyCloses, calendar.Years);
    }

    /// <summary>By which instruments name it, such as NYSE.</summary>
    public string Code { get; }

    public string Name { get; }

    /// <summary>Of its clock: an IANA name.</summary>
    public string TimeZone { get; }

    /// <summary>Where its hours and holidays are from.</summary>
    public string Source { get; }

    public TimeOnly Opens => opens;

    public TimeOnly Closes => closes;

    /// <summary>Whether a session begins on the evening before the day that it is named by.</summary>
    public bool OpensDayBefore { get; }

    /// <summary>Weekdays without a session, and why; none are known outside of <see cref="Years"/>.</summary>
    public IReadOnlyDictionary<DateOnly, string> Holidays { get; }

    /// <summary>Sessions that end before the usual time.</summary>
    public IReadOnlyDictionary<DateOnly, TimeOnly> EarlyCloses { get; }

    /// <summary>The years whose holidays are known; null where none are.</summary>
    public CalendarYears? Years { get; }

    public IEnumerable<DayOfWeek> Weekdays => weekdays.OrderBy(day => ((int)day + 6) % 7);

    public bool IsSession(DateOnly date) => weekdays.Contains(date.DayOfWeek) && !Holidays.ContainsKey(date);

    /// <summary>The session of a date; null where it has none.</summary>
    public Session? SessionOn(DateOnly date)
    {
        if (!IsSession(date))
            return null;
        var isEarly = EarlyCloses.TryGetValue(date, out var early);
        // Midnight as an end is that of the day's own end.
        var end = isEarly ? early : closes;
        return new Session(
            date,
            At(OpensDayBefore ? date.AddDays(-1) : date, opens),
            end == TimeOnly.MinValue ? At(date.AddDays(1), end) : At(date, end),
            isEarly);
    }

    /// <summary>The session that a moment belongs to, by its date.</summary>
    /// <param name="moment">In UTC.</param>
    public DateOnly SessionOf(DateTime moment)
    {
        // The clock of the zone is never further from UTC than a day, and the day may begin on the evening before.
        var date = DateOnly.FromDateTime(moment).AddDays(-1);
        while (Begins(date.AddDays(1)) <= moment)
            date = date.AddDays(1);
        return OnOrAfter(date);
    }

    /// <summary>The time that belongs to a session, from its beginning to before the next one's.</summary>
    /// <param name="session">The date of one.</param>
    /// <returns>In UTC.</returns>
    public (DateTime Begins, DateTime Ends) SpanOf(DateOnly session)
    {
        var first = session;
        while (!IsSession(first.AddDays(-1)) && session.DayNumber - first.DayNumber < LongestPause)
            first = first.AddDays(-1);
        return (Begins(first), Begins(session.AddDays(1)));
    }

    private DateOnly OnOrAfter(DateOnly date)
    {
        var session = date;
        while (!IsSession(session) && session.DayNumber - date.DayNumber < LongestPause)
            session = session.AddDays(1);
        return session;
    }

    private DateTime Begins(DateOnly date) =>
        OpensDayBefore ? At(date.AddDays(-1), opens) : At(date, TimeOnly.MinValue);

    // Where the clock is put forward over a time it is the first one after that, where it comes twice the first.
    private DateTime At(DateOnly date, TimeOnly time) => zone
        .AtLeniently(LocalDate.FromDateOnly(date) + LocalTime.FromTimeOnly(time)).ToDateTimeUtc();
}
