using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using FsCheck;
using FsCheck.Fluent;

namespace Bifrost.MarketData.Tests.Files;

/// <summary>How a file writes its times, and what must then be said of it.</summary>
/// <param name="Zone">The zone whose clock the times are on; null where they say it themselves.</param>
internal sealed record TimeStyle(string Name, Func<DateTime, string> Write, string? Zone = null)
{
    public static readonly TimeStyle[] All =
    [
        new("iso", time => Text(time, "yyyy-MM-ddTHH:mm:ssZ")),
        new("iso with a space", time => Text(time, "yyyy-MM-dd HH:mm:ss")),
        new("iso without seconds", time => Text(time, "yyyy/MM/dd HH:mm")),
        new("iso with an offset", time => Text(time.AddMinutes(345), "yyyy-MM-ddTHH:mm:ss.fff+05:45")),
        new("compact", time => Text(time, "yyyyMMdd HHmmss")),
        new("american", time => Text(time, "M/d/yyyy h:mm tt")),
        new("german", time => Text(time, "d.M.yyyy HH:mm")),
        new("month by name", time => Text(time, "d-MMM-yyyy HH:mm")),
        new("month first by name", time => Text(time, "MMM d, yyyy h:mm:ss tt")),
        new("seconds", time => Epoch(time, 1)),
        new("milliseconds", time => Epoch(time, 1_000)),
        new("nanoseconds", time => Epoch(time, 1_000_000_000)),
        new("in New York", time => Text(Local(time, "America/New_York"), "yyyy-MM-dd HH:mm"), "America/New_York"),
        new("ahead by 5:30", time => Text(time.AddMinutes(330), "yyyy-MM-dd HH:mm"), "+05:30"),
    ];

    public override string ToString() => Name;

    private static string Text(DateTime time, string form) => time.ToString(form, CultureInfo.InvariantCulture);

    private static string Epoch(DateTime time, long units) =>
        ((long)(time - DateTime.UnixEpoch).TotalSeconds * units).ToString(CultureInfo.InvariantCulture);

    private static DateTime Local(DateTime utc, string zone) =>
        TimeZoneInfo.ConvertTimeFromUtc(utc, TimeZoneInfo.FindSystemTimeZoneById(zone));
}

/// <summary>Bars and one of the forms that a file can have them in.</summary>
internal sealed record WrittenFile(ImmutableArray<Bar> Bars, TimeStyle Style, ImmutableArray<string> Columns)
{
    private static readonly string[] Needed = ["Symbol", "Time", "Open", "High", "Low", "Close", "Volume", "Adj Close"];

    // The earlier of two local times is meant, so that the later of both cannot be written without an offset.
    private static readonly Gen<DateTime> Times =
        from minute in Gen.Choose(0, 45 * 365 * 24 * 60)
        let time = new DateTime(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(minute)
        where !TimeZoneInfo.FindSystemTimeZoneById("America/New_York").IsAmbiguousTime(time)
        select time;

    private static readonly Gen<decimal> Steps =
        from digits in Gen.Choose(0, int.MaxValue)
        from scale in Gen.Choose(0, 12)
        select new decimal(digits, 0, 0, false, (byte)scale);

    private static readonly Gen<Bar> AnyBar =
        from symbol in Gen.Elements("KO", "BRK.B", "^GSPC", "EURUSD=X", "600519", "T")
        from time in Times
        from low in Steps
        from open in Steps
        from close in Steps
        from more in Steps
        from volume in Gen.Choose(0, int.MaxValue)
        from large in Gen.Elements(1L, 4_000_000_000L)
        from adjusted in Steps
        from hasAdjusted in Gen.Elements(true, false)
        select new Bar(
            symbol, time,
            new OpenHighLowClose(low + open, low + open + close + more, low, low + close),
            volume * large, hasAdjusted ? adjusted : null);

    // Where, and what stands there instead: anything, or what a reader trips over.
    private static readonly Gen<(int At, byte Value)> Wounds =
        from at in Gen.Choose(0, 1_000_000)
        from value in Gen.OneOf(Gen.Choose(0, 255), Gen.Elements<int>(0, '"', '\n', ',', '-', '{', 0xFF))
        select (at, (byte)value);

    public static readonly Arbitrary<WrittenFile> Any = Arb.From(
        from bars in AnyBar.ListOf()
        from style in Gen.Elements(TimeStyle.All)
        from columns in Gen.Shuffle(Needed.Concat(["Open Interest", "Name"]))
        from delimiter in Gen.Elements(',', ';', '\t', '|')
        from end in Gen.Elements("\n", "\r\n")
        from endsWell in Gen.Elements(true, false)
        from hasMark in Gen.Elements(true, false)
        from isPacked in Gen.Elements(true, false)
        from isQuoted in Gen.Elements(true, false)
        from blank in Gen.Elements("", " ", "# a comment")
        from json in Gen.Elements(null, null, "lines", "array", "wrapped")
        select new WrittenFile([.. bars], style, [.. columns])
        {
            Delimiter = delimiter, End = end, EndsWell = endsWell, HasMark = hasMark, IsPacked = isPacked,
            IsQuoted = isQuoted, Blank = blank, Json = json,
        },
        Shorter);

    /// <summary>Files of which some bytes are others.</summary>
    public static readonly Arbitrary<WrittenFile> Damaged = Arb.From(
        from file in Any.Generator
        from damage in Wounds.ListOf()
        select file with { Damage = [.. damage] },
        Shorter);

    public char Delimiter { get; init; } = ',';

    public string End { get; init; } = "\n";

    public bool EndsWell { get; init; } = true;

    public bool HasMark { get; init; }

    public bool IsPacked { get; init; }

    public bool IsQuoted { get; init; }

    public string Blank { get; init; } = "";

    /// <summary>Which form of JSON it is; null for fields between delimiters.</summary>
    public string? Json { get; init; }

    public ImmutableArray<(int At, byte Value)> Damage { get; init; } = [];

    public BarFileOptions Options => FileRead.Minutes with
    {
        TimeZone = Style.Zone, DateOrder = DateOrder.MonthDayYear, BatchRows = 3,
    };

    public byte[] Content
    {
        get
        {
            var text = Json is null ? Delimited() : Objects();
            var bytes = Encoding.UTF8.GetBytes((HasMark ? "\uFEFF" : "") + text + (EndsWell ? End : ""));
            var content = IsPacked ? FileRead.Gzip(bytes) : bytes;
            foreach (var (at, value) in content.Length == 0 ? [] : Damage)
                content[at % content.Length] = value;
            return content;
        }
    }

    public override string ToString() =>
        $"{Style}, packed {IsPacked}, damaged {string.Join(' ', Damage)}:\n{Encoding.UTF8.GetString(Content)}";

    private static IEnumerable<WrittenFile> Shorter(WrittenFile file)
    {
        for (var i = 0; i < file.Bars.Length; i++)
            yield return file with { Bars = file.Bars.RemoveAt(i) };
        for (var i = 0; i < file.Damage.Length; i++)
            yield return file with { Damage = file.Damage.RemoveAt(i) };
        if (file.IsPacked)
            yield return file with { IsPacked = false };
    }

    private string Delimited() =>
        string.Join(End + Blank + End, Bars.Select(bar => Line(c => Field(bar, c))).Prepend(Line(column => column)));

    private string Objects()
    {
        var objects = Bars.Select(bar => Columns.Select(c => $"\"{c}\":{JsonValue(bar, c)}"))
            .Select(properties => $"{{{string.Join(", ", properties)}}}");
        return Json switch
        {
            "lines" => string.Join(End + Blank + End, objects),
            "array" => $"[{End}{string.Join("," + End, objects)} ]",
            _ => $"{{\"of\":{{\"data\":7}},\"data\":[{string.Join(',', objects)}],\"more\":[]}}",
        };
    }

    private string JsonValue(Bar bar, string column) => Field(bar, column) is var field
        && (IsQuoted || column is "Symbol" or "Time" or "Open Interest" or "Name" || field.Length == 0)
            ? JsonSerializer.Serialize(field)
            : field;

    private string Line(Func<string, string> field) => string.Join(Delimiter, Columns.Select(field).Select(Quoted));

    private string Quoted(string field) =>
        IsQuoted || field.Contains(Delimiter) ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    private string Field(Bar bar, string column) => column switch
    {
        "Symbol" => bar.Symbol,
        "Time" => Style.Write(bar.Time),
        "Open" => Text(bar.Prices.Open),
        "High" => Text(bar.Prices.High),
        "Low" => Text(bar.Prices.Low),
        "Close" => Text(bar.Prices.Close),
        "Volume" => Text(bar.Volume),
        "Adj Close" => bar.AdjClose is { } adjusted ? Text(adjusted) : "",
        _ => $"what's \"this\"{Delimiter}",
    };

    private static string Text(decimal number) => number.ToString(CultureInfo.InvariantCulture);
}
