using System.Text;
using Bifrost.MarketData.Files.Rows;

namespace Bifrost.MarketData.Files.Columns;

/// <summary>How the rows of a delimited file are cut, and what each field is.</summary>
internal sealed class Layout
{
    public const int Ignored = -1;

    private const int LongestName = 200;

    private readonly KnownName?[] known;

    /// <param name="names">Of the columns. An empty one at the end is the mark of a trailing delimiter.</param>
    public Layout(IEnumerable<string> names, byte delimiter)
    {
        Delimiter = delimiter;
        List<string> named = [.. names];
        while (named.Count > 0 && string.IsNullOrWhiteSpace(named[^1]))
            named.RemoveAt(named.Count - 1);
        Names = named;
        known = [.. named.Select(name => ColumnNames.Find(Encoding.UTF8.GetBytes(name)))];
        Slots = new int[known.Length];
        for (var i = 0; i < known.Length; i++)
            Slots[i] = known[i] is { } name && name == Best(name.Column) ? (int)name.Column : Ignored;
    }

    public byte Delimiter { get; }

    public IReadOnlyList<string> Names { get; }

    /// <summary>The column of each field as a number, or <see cref="Ignored"/>.</summary>
    public int[] Slots { get; }

    /// <summary>How many names are understood.</summary>
    public int Understood => known.Count(name => name is not null);

    /// <summary>A row can be a bar, but for its symbol.</summary>
    public bool IsComplete => (Has(Column.Date) || Has(Column.Time)) && Missing.Count == 0;

    public IReadOnlyList<string> Missing =>
    [
        .. new[] { Column.Open, Column.High, Column.Low, Column.Close }.Where(c => !Has(c)).Select(c => c.Word()),
    ];

    /// <summary>A column that two fields claim by the same name.</summary>
    public Column? Twice => Slots.Where(slot => slot != Ignored).GroupBy(slot => slot)
        .Where(slot => slot.Count() > 1).Select(slot => (Column?)slot.Key).FirstOrDefault();

    public bool Has(Column column) => Slots.Contains((int)column);

    public static List<string> Cut(ReadOnlySpan<byte> line, byte delimiter)
    {
        var names = new List<string>();
        var cutter = new FieldCutter(line, delimiter);
        while (cutter.TryNext(out var field))
            names.Add(Printable.Text(line.Slice(field.Start, field.Length), LongestName));
        return names;
    }

    private KnownName? Best(Column column) =>
        known.Where(name => name?.Column == column).MinBy(name => name!.Value.Rank);
}
