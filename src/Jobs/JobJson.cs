using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Bifrost.Jobs;

/// <summary>JSON and text of jobs, which the database keeps as such.</summary>
internal static class JobJson
{
    public static JsonElement Read(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>Why PostgreSQL would not keep a value, which is valid JSON, as jsonb; null where it does.</summary>
    public static string? ProblemWith(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject()
            .Select(member => ProblemWith(() => member.Name) ?? ProblemWith(member.Value))
            .FirstOrDefault(problem => problem is not null),
        JsonValueKind.Array => value.EnumerateArray()
            .Select(ProblemWith)
            .FirstOrDefault(problem => problem is not null),
        JsonValueKind.String => ProblemWith(() => value.GetString()!),
        // PostgreSQL takes more digits than this, but not any number of them.
        JsonValueKind.Number when !value.TryGetDouble(out var number) || !double.IsFinite(number)
            || (number == 0 && value.GetRawText().Contains('e', StringComparison.OrdinalIgnoreCase))
            || value.GetRawText().Length > 400 => "a number in it is out of all bounds",
        _ => null,
    };

    public static NpgsqlParameter Parameter(JsonElement? value) =>
        new() { Value = value is { } json ? json.GetRawText() : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb };

    /// <summary>Text that came from anywhere: of what PostgreSQL keeps no text of there is a replacement.</summary>
    public static NpgsqlParameter Text(string? text) => new()
    {
        Value = text is null
            ? DBNull.Value
            : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD'),
        NpgsqlDbType = NpgsqlDbType.Text,
    };

    private static string? ProblemWith(Func<string> read)
    {
        try
        {
            return read().Contains('\0', StringComparison.Ordinal) ? "a text in it has a NUL" : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is escaped in it.
            return "a text in it is not valid Unicode";
        }
    }
}
