using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Bifrost.Jobs;

/// <summary>JSON of jobs, which is kept by the database as such.</summary>
internal static class JobJson
{
    public static JsonElement Empty { get; } = Read("{}");

    public static JsonElement Read(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    public static NpgsqlParameter Parameter(JsonElement? value) =>
        new() { Value = value is { } json ? json.GetRawText() : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb };
}
