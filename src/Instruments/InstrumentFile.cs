using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Bifrost.Domain;
using Bifrost.Domain.Instruments;

namespace Bifrost.Instruments;

/// <summary>One instrument of a file of them.</summary>
/// <param name="Place">Where it stands in the file, for people.</param>
public sealed record FiledInstrument(
    string Place, string Symbol, InstrumentDescription Description, IReadOnlyList<InstrumentAlias> Aliases);

/// <summary>What is wrong with a file of instruments, all of it: a line for each fault.</summary>
public sealed class InstrumentFileException(string message) : Exception(message);

/// <summary>
/// Reads descriptions of instruments: CSV with a header line, a JSON array, or a JSON object a line. The fields are
/// those of <see cref="InstrumentDescription"/>, with symbol, which is required, and aliases: names, or objects with
/// alias, source, validFrom and validTo; in CSV names with semicolons between.
/// </summary>
public static class InstrumentFile
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
    };

    /// <exception cref="InstrumentFileException">Something in it cannot be: nothing of it is to be taken.</exception>
    public static IReadOnlyList<FiledInstrument> Read(string text)
    {
        var faults = new List<string>();
        var read = new List<FiledInstrument>();
        foreach (var (place, row) in Rows(text.TrimStart('\uFEFF'), faults))
        {
            if (Of(place, row, fault => faults.Add($"{place}: {fault}")) is { } one)
                read.Add(one);
        }
        return faults.Count == 0 ? read : throw new InstrumentFileException(string.Join('\n', faults));
    }

    private static List<(string Place, JsonObject Row)> Rows(string text, List<string> faults)
    {
        var begin = text.TrimStart();
        if (begin.Length == 0)
            return [];
        try
        {
            return begin[0] switch
            {
                '[' => JsonNode.Parse(begin)!.AsArray()
                    .Select((node, at) => ($"item {at + 1}", node!.AsObject())).ToList(),
                '{' => Lines(text).Select(line => (line.Place, JsonNode.Parse(line.Text)!.AsObject())).ToList(),
                _ => OfColumns(Lines(text).ToList()).ToList(),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            faults.Add($"The file is not CSV with a header, a JSON array or a JSON object a line: {e.Message}");
            return [];
        }
    }

    private static IEnumerable<(string Place, string Text)> Lines(string text) => text.Split('\n')
        .Select((line, at) => ($"line {at + 1}", line.TrimEnd('\r'))).Where(line => line.Item2.Length > 0);

    private static IEnumerable<(string Place, JsonObject Row)> OfColumns(List<(string Place, string Text)> lines)
    {
        var columns = Cells(lines[0].Text).ConvertAll(name => name.Trim());
        foreach (var (place, text) in lines.Skip(1))
        {
            var cells = Cells(text);
            if (cells.Count > columns.Count)
                throw new FormatException($"{place} has {cells.Count} cells, the header {columns.Count}.");
            var row = new JsonObject();
            foreach (var (name, cell) in columns.Zip(cells, (name, cell) => (name, cell.Trim())))
            {
                if (cell.Length > 0)
                    row[name] = Value(name, cell);
            }
            yield return (place, row);
        }
    }

    private static JsonNode Value(string name, string cell) => name switch
    {
        "aliases" => new JsonArray([.. cell.Split(';').Select(alias => JsonValue.Create(alias.Trim()))]),
        "allowsNonPositivePrice" when bool.TryParse(cell, out var allows) => JsonValue.Create(allows),
        "exchange" => JsonValue.Create(cell.ToUpperInvariant()),
        _ => JsonValue.Create(cell),
    };

    // RFC 4180, without line ends within quotes.
    private static List<string> Cells(string line)
    {
        var (cells, cell, isQuoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"')
                cell.Append(line[++i]);
            else if (line[i] == '"')
                isQuoted = !isQuoted;
            else if (line[i] == ',' && !isQuoted)
                cells.Add(cell.Flush());
            else
                cell.Append(line[i]);
        }
        cells.Add(cell.Flush());
        return cells;
    }

    private static string Flush(this StringBuilder cell)
    {
        var text = cell.ToString();
        cell.Clear();
        return text;
    }

    private static FiledInstrument? Of(string place, JsonObject row, Action<string> fault)
    {
        var name = Taken(row, "symbol")?.ToString();
        var symbol = name is null ? null : Symbols.Canonical(name);
        if (symbol is null)
            fault($"symbol {(name is null ? "is required." : Symbols.Rule)}");
        var type = Taken(row, "type")?.ToString().ToUpperInvariant();
        if (type is not null && !Enum.GetNames<InstrumentType>().Contains(type))
        {
            fault($"type is one of {string.Join(", ", Enum.GetNames<InstrumentType>())}.");
            type = null;
        }
        var aliases = (Taken(row, "aliases") as JsonArray ?? []).Select(node => AliasOf(node, fault)).ToList();
        try
        {
            var description = row.Deserialize<InstrumentDescription>(Strict)! with
            {
                Type = type is null ? null : Enum.Parse<InstrumentType>(type),
            };
            description.Check((field, told) => fault($"{field} {told}"));
            return symbol is null ? null : new FiledInstrument(place, symbol, description, aliases);
        }
        catch (JsonException e)
        {
            fault($"{e.Path?.TrimStart('$', '.')} is no field of an instrument, or not of its kind.");
            return null;
        }
    }

    private static JsonNode? Taken(JsonObject row, string field)
    {
        row.Remove(field, out var node);
        return node;
    }

    private static InstrumentAlias AliasOf(JsonNode? node, Action<string> fault)
    {
        var given = node as JsonObject;
        var name = (given is null ? node : given["alias"])?.ToString() ?? "";
        if (Symbols.Canonical(name) is null)
            fault($"alias '{name}' {Symbols.Rule}");
        var source = given?["source"]?.ToString().Trim().ToLowerInvariant();
        return new InstrumentAlias(
            string.IsNullOrEmpty(source) ? InstrumentAlias.Any : source,
            Symbols.Canonical(name) ?? "",
            Time("validFrom", given?["validFrom"]?.ToString(), fault),
            Time("validTo", given?["validTo"]?.ToString(), fault));
    }

    private static DateTime? Time(string field, string? text, Action<string> fault)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (string.IsNullOrEmpty(text))
            return null;
        if (DateTime.TryParse(text, CultureInfo.InvariantCulture, Utc, out var time))
            return time;
        fault($"{field} is a date such as 2022-06-09 or a time such as 2022-06-09T13:30:00Z.");
        return null;
    }
}
