using System.Globalization;

namespace Bifrost.Scenario.Tests;

/// <summary>A day of a symbol, with the source's own digits.</summary>
public sealed record Bar(string Symbol, DateTimeOffset Day, decimal Low, decimal High, decimal Close);

/// <summary>Published daily bars beside the repository. They are read in place and never copied into it.</summary>
public static class RealBars
{
    private static readonly string? Folder = Find();

    public static string? WhyAbsent =>
        Folder is null ? "there are no real bars at ../shared/data/bars/daily beside the repository" : null;

    /// <summary>The bars of the symbols, day by day.</summary>
    public static IReadOnlyList<Bar> Read(params IEnumerable<string> symbols) =>
    [
        .. symbols
            .SelectMany(symbol => File.ReadLines(Path.Combine(Folder!, $"{symbol}.csv")).Skip(1).Select(Parse))
            .OrderBy(bar => bar.Day).ThenBy(bar => bar.Symbol, StringComparer.Ordinal),
    ];

    private static Bar Parse(string line)
    {
        var fields = line.Split(',');
        return new Bar(
            fields[0], DateTimeOffset.Parse(fields[1], CultureInfo.InvariantCulture),
            Number(fields[4]), Number(fields[3]), Number(fields[5]));
    }

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Bifrost.sln")))
            {
                var bars = Path.Combine(folder.FullName, "..", "shared", "data", "bars", "daily");
                return Directory.Exists(bars) ? bars : null;
            }
        }
        return null;
    }
}
