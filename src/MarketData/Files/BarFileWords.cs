using System.Text.Json.Serialization;
using Bifrost.Domain;
using Bifrost.MarketData.Bars;

namespace Bifrost.MarketData.Files;

/// <summary>
/// What a file of bars does not say of itself, in the words of those who load it: on the command line, in a query, in
/// the arguments of a job, beside a watched folder. See <see cref="BarFileOptions"/>.
/// </summary>
public sealed record BarFileWords
{
    private const int MostMinutes = 24 * 60;

    /// <summary>min, hour or day: how long a bar is, which says its table.</summary>
    [JsonPropertyName("interval")]
    public string? Interval { get; init; }

    /// <summary>The symbol of rows that name none.</summary>
    [JsonPropertyName("symbol")]
    public string? Symbol { get; init; }

    /// <summary>Of times without an offset: an IANA name or an offset such as +01:00.</summary>
    [JsonPropertyName("timeZone")]
    public string? TimeZone { get; init; }

    /// <summary>start or end: what a time says of its bar.</summary>
    [JsonPropertyName("labels")]
    public string? Labels { get; init; }

    /// <summary>How many minutes a bar is long, where times say its end.</summary>
    [JsonPropertyName("barMinutes")]
    public int? BarMinutes { get; init; }

    /// <summary>Of dates such as 1/2/1990 where no row tells: mdy or dmy.</summary>
    [JsonPropertyName("dateOrder")]
    public string? DateOrder { get; init; }

    /// <summary>Names for the columns of a file without a header, with commas between.</summary>
    [JsonPropertyName("columns")]
    public string? Columns { get; init; }

    /// <summary>What quarantined rows and corrections name as their origin.</summary>
    [JsonPropertyName("source")]
    public string? Source { get; init; }

    /// <param name="fault">
    /// Told of each word that cannot be meant: its name as above, and what it has to be, to follow it in a sentence.
    /// </param>
    public BarFileOptions ToOptions(Action<string, string> fault)
    {
        if (!Enum.TryParse<BarInterval>(Interval, ignoreCase: true, out var interval) || int.TryParse(Interval, out _))
            fault("interval", "is required: min, hour or day");
        if (Labels is not (null or "start" or "end"))
            fault("labels", "is start or end");
        if (BarMinutes is < 1 or > MostMinutes)
            fault("barMinutes", $"is between 1 and {MostMinutes}");
        if (DateOrder is not (null or "mdy" or "dmy"))
            fault("dateOrder", "is mdy or dmy");
        var symbol = Symbol is null ? null : Symbols.Canonical(Symbol);
        if (symbol is null && Symbol is not null)
            fault("symbol", Symbols.Rule.TrimEnd('.'));
        return new BarFileOptions
        {
            Interval = interval,
            Symbol = symbol,
            TimeZone = TimeZone,
            LabelsAtEnd = Labels == "end",
            BarLength = BarMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
            DateOrder = DateOrder switch
            {
                "mdy" => Files.DateOrder.MonthDayYear,
                "dmy" => Files.DateOrder.DayMonthYear,
                _ => null,
            },
            Columns = Columns?.Split(','),
        };
    }

    /// <summary>The name of a setting as it stands above.</summary>
    public static string NameOf(BarSetting setting) => setting switch
    {
        BarSetting.Symbol => "symbol",
        BarSetting.Columns => "columns",
        BarSetting.TimeZone => "timeZone",
        BarSetting.DateOrder => "dateOrder",
        _ => "labels",
    };
}
