using System.Globalization;

namespace Bifrost.MarketData.Files;

/// <summary>
/// How much of one source is read and kept. What a sender sends is small beside what rows and their reasons take on
/// disk, which is the ledger's as well: without an end to it, two kilobytes would take hundreds of megabytes.
/// </summary>
public sealed record LoadLimits
{
    /// <summary>Rows of a source, good and bad.</summary>
    public long Rows { get; init; } = 100_000_000;

    /// <summary>
    /// Bad rows that are kept as they came; of those that follow, the first <see cref="SamplesOfReason"/> of each
    /// reason. All others are only counted.
    /// </summary>
    public int BadRows { get; init; } = 10_000;

    /// <summary>Once there are more bad rows than are kept: how many of a hundred rows may be bad.</summary>
    public int BadPercent { get; init; } = 50;

    /// <summary>How many times its size gzip data may unpack to; files of bars are packed to a tenth or so.</summary>
    public int Expansion { get; init; } = 100;

    /// <summary>How long a request may take to bring its rows.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(1);

    public const int SamplesOfReason = 20;

    /// <summary>How limits are written: those that are left out are as they are by themselves.</summary>
    public const string Form = "rows=100000000,bad-rows=10000,bad-percent=50,expansion=100,minutes=60";

    /// <returns>Null where the text has another form than <see cref="Form"/>.</returns>
    public static LoadLimits? Parse(string text)
    {
        var limits = new LoadLimits();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var (name, number) = part.Split('=', 2) is [var word, var digits]
                && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
                    ? (word, parsed)
                    : ("", 0);
            var next = (name, number) switch
            {
                ("rows", > 0) => limits with { Rows = number },
                ("bad-rows", <= 10_000_000) => limits with { BadRows = (int)number },
                ("bad-percent", <= 100) => limits with { BadPercent = (int)number },
                ("expansion", > 0 and <= 10_000) => limits with { Expansion = (int)number },
                ("minutes", > 0 and <= 10_000) => limits with { Time = TimeSpan.FromMinutes(number) },
                _ => null,
            };
            if (next is null)
                return null;
            limits = next;
        }
        return limits;
    }
}
