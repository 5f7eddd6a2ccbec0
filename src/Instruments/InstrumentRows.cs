using Bifrost.Domain.Instruments;
using Npgsql;
using NpgsqlTypes;

namespace Bifrost.Instruments;

/// <summary>Instruments as they are stored.</summary>
internal static class InstrumentRows
{
    // A row for each alias, so that all is read of one moment.
    private const string Select =
        """
        SELECT i.instrument_id, i.symbol, i.type, i.currency, i.multiplier, i.quantity_decimals, i.price_decimals,
               i.allows_non_positive_price, i.exchange, i.status, i.listed_on, i.delisted_on, i.name, i.created_at,
               i.updated_at, a.source, a.alias, nullif(a.valid_from, '-infinity'), nullif(a.valid_to, 'infinity')
        FROM instrument i LEFT JOIN instrument_alias a USING (instrument_id)
        WHERE $1 IS NULL OR i.instrument_id = $1
        ORDER BY i.symbol COLLATE "C", a.alias COLLATE "C", a.source, a.valid_from
        """;

    private const int AliasColumn = 15;

    /// <param name="id">Of one; null for all.</param>
    public static async Task<List<DescribedInstrument>> Read(
        NpgsqlConnection connection, int? id, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Select, connection);
        command.Parameters.Add(new NpgsqlParameter
        {
            NpgsqlDbType = NpgsqlDbType.Integer, Value = id is { } one ? one : DBNull.Value,
        });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<DescribedInstrument>();
        var aliases = new List<InstrumentAlias>();
        while (await reader.ReadAsync(cancel))
        {
            if (found.Count == 0 || found[^1].Id != reader.GetInt32(0))
                found.Add(Of(reader) with { Aliases = aliases = [] });
            if (!reader.IsDBNull(AliasColumn))
                aliases.Add(AliasOf(reader));
        }
        return found;
    }

    private static DescribedInstrument Of(NpgsqlDataReader reader) => new(
        reader.GetInt32(0),
        new Instrument
        {
            Symbol = reader.GetString(1),
            Type = Enum.Parse<InstrumentType>(reader.GetString(2)),
            Currency = Text(reader, 3),
            Multiplier = reader.GetDecimal(4),
            QuantityDecimals = reader.GetInt16(5),
            PriceDecimals = reader.GetInt16(6),
            AllowsNonPositivePrice = reader.GetBoolean(7),
        },
        Text(reader, 8))
    {
        Status = reader.GetString(9),
        ListedOn = Value<DateOnly>(reader, 10),
        DelistedOn = Value<DateOnly>(reader, 11),
        Name = Text(reader, 12),
        CreatedAt = reader.GetDateTime(13),
        UpdatedAt = reader.GetDateTime(14),
    };

    private static InstrumentAlias AliasOf(NpgsqlDataReader reader) => new(
        reader.GetString(AliasColumn),
        reader.GetString(AliasColumn + 1),
        Value<DateTime>(reader, AliasColumn + 2),
        Value<DateTime>(reader, AliasColumn + 3));

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    private static T? Value<T>(NpgsqlDataReader reader, int column)
        where T : struct =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);
}
