using System.Globalization;
using System.Text;

namespace Bifrost.MarketData.Files.Times;

/// <summary>A date such as 1/2/1990, read both ways.</summary>
internal readonly record struct EitherDay(int MonthFirst, int DayFirst)
{
    public bool IsUnclear => MonthFirst != DayFirst;

    /// <summary>Null where the text cannot be read both ways.</summary>
    public static EitherDay? Of(ReadOnlySpan<byte> time)
    {
        var byMonth = new TimeScanner(time);
        var byDay = new TimeScanner(time);
        return DateText.TryRead(ref byMonth, new TimeForms { Order = DateOrder.MonthDayYear }, out var month)
            && DateText.TryRead(ref byDay, new TimeForms { Order = DateOrder.DayMonthYear }, out var day)
            ? new EitherDay(month, day)
            : null;
    }

    public override string ToString() => $"{Told(MonthFirst)} or {Told(DayFirst)}";

    private static string Told(int day) =>
        DateOnly.FromDayNumber(day).ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}

/// <summary>Tells the order of the parts of dates such as 1/2/1990 from those of a sample.</summary>
internal sealed class DateOrders
{
    // Sessions are no further apart than holidays make them; months are.
    private const int LongestBreak = 7;

    private readonly List<EitherDay> either = [];
    private DateOrder? certain;
    private string? unclear;

    public void Look(ReadOnlySpan<byte> time)
    {
        certain ??= ByPartAboveTwelve(time);
        if (certain is null && EitherDay.Of(time) is { } days)
        {
            either.Add(days);
            if (days.IsUnclear)
                unclear ??= $"'{Encoding.UTF8.GetString(time)}' is {days}";
        }
    }

    /// <returns>Null where there is no such date in the sample, or they come to the same both ways.</returns>
    /// <exception cref="UnreadableBarsException">There are such dates, and nothing tells their order.</exception>
    public DateOrder? Find()
    {
        if (certain is not null || unclear is null)
            return certain;
        var monthFirst = IsOfSessions(either.Select(days => days.MonthFirst));
        var dayFirst = IsOfSessions(either.Select(days => days.DayFirst));
        if (monthFirst != dayFirst)
            return monthFirst ? DateOrder.MonthDayYear : DateOrder.DayMonthYear;
        throw new UnreadableBarsException(
            $"{unclear}, and no row tells which: say the order of the date's parts, mdy or dmy.",
            BarSetting.DateOrder);
    }

    // A part above 12 is no month.
    private static DateOrder? ByPartAboveTwelve(ReadOnlySpan<byte> time)
    {
        var scanner = new TimeScanner(time);
        if (!scanner.TryNumber(out var first, out var digits) || digits > 2)
            return null;
        if (!scanner.TryPass((byte)'/') && !scanner.TryPass((byte)'-'))
            return null;
        if (!scanner.TryNumber(out var second, out digits) || digits > 2)
            return null;
        return first > 12 ? DateOrder.DayMonthYear : second > 12 ? DateOrder.MonthDayYear : null;
    }

    // Most rows follow the one before after days, not after a month or more.
    private static bool IsOfSessions(IEnumerable<int> days)
    {
        var all = days.ToList();
        var steps = all.Zip(all.Skip(1), (one, next) => Math.Abs(next - one)).Where(step => step > 0).Order().ToList();
        return steps.Count > 0 && steps[steps.Count / 2] <= LongestBreak;
    }
}
