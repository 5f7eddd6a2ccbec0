using Npgsql;

namespace Bifrost.Instruments;

/// <summary>
/// What is asked within somebody else's transaction, of what is committed: nobody's memory can be behind it.
/// </summary>
public static class StoredInstruments
{
    private const string Exchanges =
        "SELECT symbol, exchange FROM instrument WHERE symbol = ANY ($1) AND exchange IS NOT NULL";

    private const string Aliases =
        """
        SELECT i.symbol, a.source, a.alias, nullif(a.valid_from, '-infinity'), nullif(a.valid_to, 'infinity')
        FROM instrument_alias a JOIN instrument i USING (instrument_id)
        WHERE a.alias = ANY ($1) AND a.source IN ('*', $2)
        ORDER BY a.source = '*'
        """;

    /// <summary>The codes of the exchanges that symbols trade at; none of those that have none.</summary>
    public static async Task<Dictionary<string, string>> ReadExchanges(
        NpgsqlConnection connection, string[] symbols, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Exchanges, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = symbols });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var exchanges = new Dictionary<string, string>();
        while (await reader.ReadAsync(cancel))
            exchanges.Add(reader.GetString(0), reader.GetString(1));
        return exchanges;
    }

    /// <summary>What names are aliases of, by name; those of the source come before those of every source.</summary>
    /// <param name="names">Canonical.</param>
    public static async Task<ILookup<string, (InstrumentAlias Alias, string Symbol)>> ReadAliases(
        NpgsqlConnection connection, string[] names, string source, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Aliases, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = names });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = source.ToLowerInvariant() });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<(InstrumentAlias Alias, string Symbol)>();
        while (await reader.ReadAsync(cancel))
        {
            var alias = new InstrumentAlias(
                reader.GetString(1),
                reader.GetString(2),
                await reader.IsDBNullAsync(3, cancel) ? null : reader.GetDateTime(3),
                await reader.IsDBNullAsync(4, cancel) ? null : reader.GetDateTime(4));
            found.Add((alias, reader.GetString(0)));
        }
        return found.ToLookup(one => one.Alias.Alias);
    }
}
