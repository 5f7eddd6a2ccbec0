using Npgsql;

namespace Bifrost.MarketData.Storage;

/// <summary>What keeps the bars, found at start.</summary>
public enum StorageKind
{
    /// <summary>TimescaleDB's community build: hypertables, with its own compression and retention policies.</summary>
    Community,

    /// <summary>TimescaleDB's Apache build: hypertables; the server itself drops what is too old.</summary>
    Apache,

    /// <summary>Tables without chunks, because TimescaleDB is not there.</summary>
    Plain,
}

/// <param name="Version">TimescaleDB's; null where it is not there.</param>
public sealed record BarStorage(StorageKind Kind, string? Version)
{
    private const string Extension =
        """
        SELECT extversion, current_setting('timescaledb.license', true)
        FROM pg_extension WHERE extname = 'timescaledb'
        """;

    private const string Hypertables =
        """
        SELECT EXISTS (
            SELECT FROM timescaledb_information.hypertables WHERE hypertable_name = 'market_stock_hist_bars_min_ts'
        )
        """;

    /// <summary>One line for people.</summary>
    public string Description => Kind switch
    {
        StorageKind.Community =>
            $"TimescaleDB {Version}, community build: hypertables, compression and retention by its policies, "
            + "rollups by Bifrost",
        StorageKind.Apache =>
            $"TimescaleDB {Version}, Apache build: hypertables; rollups and retention by Bifrost, no compression",
        _ => Version is null
            ? "plain tables, because TimescaleDB is not there: large loads and reads of long ranges are slower"
            : $"plain tables, made before TimescaleDB {Version} was there; a new database would have hypertables",
    };

    public static async Task<BarStorage> Find(NpgsqlDataSource database, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        string version, license;
        await using (var command = new NpgsqlCommand(Extension, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancel))
        {
            if (!await reader.ReadAsync(cancel))
                return new BarStorage(StorageKind.Plain, null);
            (version, license) = (reader.GetString(0), reader.GetString(1));
        }
        await using var hypertables = new NpgsqlCommand(Hypertables, connection);
        if (!(bool)(await hypertables.ExecuteScalarAsync(cancel))!)
            return new BarStorage(StorageKind.Plain, version);
        return new BarStorage(license == "apache" ? StorageKind.Apache : StorageKind.Community, version);
    }
}
