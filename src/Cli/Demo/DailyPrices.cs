using System.Globalization;

namespace Bifrost.Cli.Demo;

/// <summary>The closing price of a symbol on a day.</summary>
internal sealed record DailyPrice(DateTimeOffset Day, string Symbol, decimal Close);

internal static class DailyPrices
{
    private const int GeneratedDays = 750;

    public static IReadOnlyList<DailyPrice> FromFolder(DirectoryInfo folder, string[] symbols) => InOrder(
        symbols.SelectMany(symbol =>
        {
            var file = Path.Combine(folder.FullName, $"{symbol}.csv");
            return File.Exists(file)
                ? File.ReadLines(file).Skip(1).Select(line => Parse(file, line))
                : throw new OperatorException($"There are no bars of {symbol}: {file} is missing.");
        }));

    /// <summary>Prices of our own: a seeded random walk over three years of weekdays. They mean nothing.</summary>
    public static IReadOnlyList<DailyPrice> Generated(string[] symbols, int seed)
    {
        var chance = new Random(seed);
        var prices = new List<DailyPrice>();
        foreach (var symbol in symbols)
        {
            var (day, price) = (new DateTimeOffset(2020, 1, 2, 0, 0, 0, TimeSpan.Zero), chance.Next(20, 200) * 1m);
            for (var i = 0; i < GeneratedDays; i++)
            {
                // Up or down by at most 3 %, and never below a cent, in whole cents.
                price = Math.Max(0.01m, decimal.Round(price * (1 + chance.Next(-300, 306) / 10_000m), 2));
                prices.Add(new DailyPrice(day, symbol, price));
                day = day.AddDays(day.DayOfWeek == DayOfWeek.Friday ? 3 : 1);
            }
        }
        return InOrder(prices);
    }

    private static List<DailyPrice> InOrder(IEnumerable<DailyPrice> prices) =>
        [.. prices.OrderBy(price => price.Day).ThenBy(price => price.Symbol, StringComparer.Ordinal)];

    private static DailyPrice Parse(string file, string line)
    {
        var fields = line.Split(',');
        return fields.Length > 5
            && DateTimeOffset.TryParse(
                fields[1], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)
            && decimal.TryParse(fields[5], CultureInfo.InvariantCulture, out var close)
                ? new DailyPrice(day, fields[0], close)
                : throw new OperatorException($"{file}: '{line}' is not symbol,time,open,high,low,close,…");
    }
}
