namespace Bifrost.MarketData.Files.Columns;

/// <summary>What a field of a row may be.</summary>
internal enum Column
{
    Symbol,

    /// <summary>A date, where <see cref="Time"/> may be the time of that day.</summary>
    Date,

    Time,
    Open,
    High,
    Low,
    Close,
    Volume,
    AdjClose,
}

/// <summary>A name and how much it is preferred to others of the same column: 0 the most.</summary>
internal readonly record struct KnownName(Column Column, int Rank);

internal static class ColumnNames
{
    public const string Expected =
        "date or time (or both), open, high, low, close, and as far as there are any symbol, volume, adj_close";

    private const int Longest = 32;

    // In the order of preference: a file may have the close and the last price of a day, or a time beside a timestamp.
    private static readonly Dictionary<string, KnownName> Known = Index(
        (Column.Symbol, ["symbol", "ticker", "sym", "s", "instrument", "pair"]),
        (Column.Date, ["date", "tradedate", "tradingday"]),
        (Column.Time,
        [
            "datetime", "timestamp", "time", "t", "ts", "opentime", "starttime", "windowstart", "candlebegintime",
            "periodstart",
        ]),
        (Column.Open, ["open", "o", "openprice", "startprice", "openingprice"]),
        (Column.High, ["high", "h", "highprice", "highestprice", "maxprice"]),
        (Column.Low, ["low", "l", "lowprice", "lowestprice", "minprice"]),
        (Column.Close, ["close", "c", "closeprice", "endprice", "closingprice", "last", "price"]),
        (Column.Volume, ["volume", "v", "vol", "totalvolume", "basevolume"]),
        (Column.AdjClose, ["adjclose", "adjustedclose"]));

    private static readonly Dictionary<string, KnownName>.AlternateLookup<ReadOnlySpan<char>> ByLetters =
        Known.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly string[] Words =
        ["symbol", "date", "time", "open", "high", "low", "close", "volume", "adj_close"];

    public static int Count => Words.Length;

    /// <summary>As it is called in messages.</summary>
    public static string Word(this Column column) => Words[(int)column];

    /// <summary>The column of a name, in any case and with any space or punctuation; null for other names.</summary>
    public static KnownName? Find(ReadOnlySpan<byte> name)
    {
        Span<char> letters = stackalloc char[Longest];
        var count = 0;
        foreach (var letter in name)
        {
            if (letter > 0x7F || count == Longest)
                return null;
            if (char.IsAsciiLetterOrDigit((char)letter))
                letters[count++] = char.ToLowerInvariant((char)letter);
        }
        return ByLetters.TryGetValue(letters[..count], out var known) ? known : null;
    }

    private static Dictionary<string, KnownName> Index(params (Column Column, string[] Names)[] columns) =>
        columns
            .SelectMany(c => c.Names.Select((name, rank) => (name, known: new KnownName(c.Column, rank))))
            .ToDictionary(pair => pair.name, pair => pair.known, StringComparer.Ordinal);
}
