using System.Globalization;
using System.Text.Json;

namespace Bifrost.Replay.Diffing;

/// <summary>A value that two builds fold the same log to differently.</summary>
/// <param name="Column">Empty where the whole row is missing on one side.</param>
public sealed record FoldDifference(
    int PortfolioId, string Table, int Key, string Column, string? Theirs, string? Ours)
{
    /// <summary>Ours less theirs, where both are numbers.</summary>
    public decimal? Amount =>
        decimal.TryParse(Theirs, NumberStyles.Number, CultureInfo.InvariantCulture, out var theirs)
        && decimal.TryParse(Ours, NumberStyles.Number, CultureInfo.InvariantCulture, out var ours)
            ? ours - theirs
            : null;
}

/// <summary>Compares what two builds wrote by <see cref="FoldedRows"/>, a portfolio at a time.</summary>
public static class FoldDifferences
{
    /// <exception cref="JsonException">A line is not what <see cref="FoldedRows"/> writes.</exception>
    public static IEnumerable<FoldDifference> Between(TextReader theirs, TextReader ours)
    {
        using var their = Portfolios(theirs).GetEnumerator();
        using var our = Portfolios(ours).GetEnumerator();
        var (hasTheirs, hasOurs) = (their.MoveNext(), our.MoveNext());
        while (hasTheirs || hasOurs)
        {
            // Both are in the order of portfolios.
            var next = Math.Min(hasTheirs ? their.Current.Id : int.MaxValue, hasOurs ? our.Current.Id : int.MaxValue);
            var isTheirs = hasTheirs && their.Current.Id == next;
            var isOurs = hasOurs && our.Current.Id == next;
            var (theirRows, ourRows) = (isTheirs ? their.Current.Rows : [], isOurs ? our.Current.Rows : []);
            foreach (var difference in Between(next, theirRows, ourRows))
                yield return difference;
            hasTheirs = isTheirs ? their.MoveNext() : hasTheirs;
            hasOurs = isOurs ? our.MoveNext() : hasOurs;
        }
    }

    private static IEnumerable<FoldDifference> Between(
        int id, Dictionary<(string Table, int Key), JsonElement> theirs,
        Dictionary<(string Table, int Key), JsonElement> ours)
    {
        foreach (var (key, row) in theirs)
        {
            if (!ours.TryGetValue(key, out var other))
            {
                yield return new FoldDifference(id, key.Table, key.Key, "", "a row", null);
                continue;
            }
            foreach (var column in Columns(row).Union(Columns(other)))
            {
                var (their, our) = (Value(row, column), Value(other, column));
                if (their != our)
                    yield return new FoldDifference(id, key.Table, key.Key, column, their, our);
            }
        }
        foreach (var key in ours.Keys.Where(key => !theirs.ContainsKey(key)))
            yield return new FoldDifference(id, key.Table, key.Key, "", null, "a row");
    }

    private static IEnumerable<string> Columns(JsonElement row) => row.EnumerateObject().Select(column => column.Name);

    private static string? Value(JsonElement row, string column) =>
        row.TryGetProperty(column, out var value) ? value.GetString() : null;

    private static IEnumerable<(int Id, Dictionary<(string Table, int Key), JsonElement> Rows)> Portfolios(
        TextReader lines)
    {
        var (id, rows) = (0, new Dictionary<(string Table, int Key), JsonElement>());
        while (lines.ReadLine() is { } line)
        {
            var element = JsonSerializer.Deserialize<JsonElement>(line);
            var portfolio = element.GetProperty("portfolio").GetInt32();
            if (portfolio != id && rows.Count > 0)
            {
                yield return (id, rows);
                rows = [];
            }
            id = portfolio;
            rows[(element.GetProperty("table").GetString()!, element.GetProperty("key").GetInt32())] =
                element.GetProperty("row");
        }
        if (rows.Count > 0)
            yield return (id, rows);
    }
}
