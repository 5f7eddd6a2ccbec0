using System.Text;
using Bifrost.MarketData.Files.Rows;
using Bifrost.MarketData.Files.Times;

namespace Bifrost.MarketData.Files.Columns;

/// <summary>Tells the columns of a file without a header line by its first row, where there is no doubt.</summary>
internal static class Headerless
{
    private const string Customary =
        "[symbol,]date[,time],open,high,low,close,volume and at most one more whole number, which is ignored";

    /// <summary>The first or the second field is a time and all others, but for a symbol, are numbers.</summary>
    public static bool IsRow(IReadOnlyList<string> fields) =>
        Moment(fields) is var (at, after) && at >= 0 && fields.Count > after && fields.Skip(after).All(IsNumber);

    /// <exception cref="UnreadableBarsException">The numbers of the row could be several things.</exception>
    public static Layout Guess(Layout row)
    {
        var (at, after) = Moment(row.Names);
        if (!IsCustomary([.. row.Names.Skip(after)]))
            throw new UnreadableBarsException(
                "The file has no header line, and the fields of its first row are not certain to be "
                + $"{Customary}: name its columns, in their order, any name for what is to be ignored.",
                BarSetting.Columns);
        string[] names =
        [
            .. at == 1 ? ["symbol"] : Array.Empty<string>(),
            .. after - at == 2 ? ["date", "time"] : new[] { "time" },
            "open", "high", "low", "close", "volume",
        ];
        return new Layout(names.Concat(Enumerable.Repeat("ignored", 7)).Take(row.Names.Count), row.Delimiter);
    }

    // Five numbers are the prices and the volume. A sixth may be an open interest, and then both it and the volume are
    // whole beside prices with decimals; else it could as well be an adjusted close, an average price or a turnover.
    // Some sources write the close before the high, which shows in a high that is not the highest.
    private static bool IsCustomary(string[] numbers)
    {
        if (numbers.Length is not (5 or 6))
            return false;
        if (numbers.Length == 6 && (!IsWhole(numbers[4]) || !IsWhole(numbers[5]) || numbers[..4].All(IsWhole)))
            return false;
        var prices = numbers[..4].Select(text => Parsed(text).Value).ToArray();
        return prices[1] == prices.Max() && prices[2] == prices.Min();
    }

    // Which field begins the time, and which follows it.
    private static (int At, int After) Moment(IReadOnlyList<string> fields)
    {
        for (var at = 0; at < Math.Min(2, fields.Count); at++)
        {
            if (!IsMoment(fields[at]))
                continue;
            var hasTime = at + 1 < fields.Count && fields[at + 1].Contains(':')
                && ClockText.TryParse(Encoding.UTF8.GetBytes(fields[at + 1]), out _);
            return (at, at + (hasTime ? 2 : 1));
        }
        return (-1, 0);
    }

    // A short number is rather a price, a symbol or a count than seconds after 1970.
    private static bool IsMoment(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return (text.Length >= 8 || !IsNumber(text))
            && (new TimeParser(new TimeForms { Order = DateOrder.MonthDayYear }).TryParse(bytes, out _)
                || new TimeParser(new TimeForms { Order = DateOrder.DayMonthYear }).TryParse(bytes, out _));
    }

    private static bool IsNumber(string text) => Parsed(text).Kind == NumberKind.Exact;

    private static bool IsWhole(string text) => !text.Contains('.');

    private static Number Parsed(string text) => NumberText.Parse(Encoding.UTF8.GetBytes(text), isGrouped: false);
}
