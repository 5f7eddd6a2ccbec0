using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bifrost.Instruments.Exchanges;

/// <summary>The first and the last year that holidays are known of.</summary>
public sealed record CalendarYears(int From, int To);

/// <summary>What a file of src/Instruments/Exchanges/Calendars says of an exchange.</summary>
internal sealed record CalendarFile
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    public required string Code { get; init; }

    public required string Name { get; init; }

    public required string TimeZone { get; init; }

    /// <summary>By the exchange's own clock; not before it closes where that is on the evening before.</summary>
    public required TimeOnly Opens { get; init; }

    public required TimeOnly Closes { get; init; }

    /// <summary>MON to SUN.</summary>
    public required string[] Weekdays { get; init; }

    public required string Source { get; init; }

    /// <summary>Whose holidays and early closes it has, where they are not its own.</summary>
    public string? CalendarOf { get; init; }

    public CalendarYears? Years { get; init; }

    public Dictionary<DateOnly, string> Holidays { get; init; } = [];

    public Dictionary<DateOnly, TimeOnly> EarlyCloses { get; init; } = [];

    public static CalendarFile Read(Stream json) => JsonSerializer.Deserialize<CalendarFile>(json, Strict)!;

    public static DayOfWeek Day(string word) => Array.IndexOf(Words, word) is >= 0 and var day
        ? (DayOfWeek)day
        : throw new FormatException($"'{word}' is no day of the week.");

    public static string Word(DayOfWeek day) => Words[(int)day];

    private static readonly string[] Words = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
}
