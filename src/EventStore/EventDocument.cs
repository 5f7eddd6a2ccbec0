using System.Text.Json;
using Npgsql;

namespace Bifrost.EventStore;

/// <summary>
/// An event as it is told outside: one JSON object. What is stored is passed on as it is, so an event that only a newer
/// build knows is told as well.
/// </summary>
public static class EventDocument
{
    /// <summary>What <see cref="Write"/> reads, of a row e of the log; a portfolio's number has to follow.</summary>
    public const string Columns =
        """
        e.seq_id, e.id, e.stream_id, e.version, e.type, e.data, (e.data ->> 'occurredAt')::timestamptz, e.timestamp,
        e.user_name, e.causation_id
        """;

    /// <summary>Writes the object on one line.</summary>
    /// <param name="row">Begins with <see cref="Columns"/> and the number of the portfolio.</param>
    public static void Write(NpgsqlDataReader row, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("sequence", row.GetInt64(0));
        json.WriteString("id", row.GetGuid(1));
        json.WriteString("stream", row.GetString(2));
        json.WriteNumber("version", row.GetInt64(3));
        json.WriteString("type", row.GetString(4));
        json.WritePropertyName("data");
        // The database holds it as JSON, so it need not be looked at again; it writes it on one line.
        json.WriteRawValue(row.GetFieldValue<byte[]>(5), skipInputValidation: true);
        json.WriteString("occurredAt", row.GetDateTime(6));
        json.WriteString("recordedAt", row.GetDateTime(7));
        json.WriteString("actor", row.IsDBNull(8) ? "" : row.GetString(8));
        json.WriteString("commandId", row.IsDBNull(9) ? "" : row.GetString(9));
        json.WriteNumber("portfolioId", row.GetInt32(10));
        json.WriteEndObject();
    }
}
