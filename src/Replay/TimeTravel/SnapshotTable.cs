using Bifrost.Domain.Portfolios;
using Npgsql;

namespace Bifrost.Replay.TimeTravel;

/// <summary>Snapshots in the database: those of this build, for those of another may mean something else.</summary>
internal sealed class SnapshotTable(NpgsqlDataSource database)
{
    private const string Columns = "version, seq_id, recorded_at, facts_through, reaches_to";

    private const string LatestSql =
        $"""
        SELECT {Columns}, state, NULL::bytea FROM ledger.portfolio_snapshot
        WHERE portfolio_id = $1 AND build = $2 AND seq_id <= $3 AND recorded_at <= $4
        ORDER BY version DESC LIMIT 1
        """;

    private const string PlacesSql =
        $"""
        SELECT {Columns} FROM ledger.portfolio_snapshot
        WHERE portfolio_id = $1 AND build = $2 AND seq_id <= $3 AND recorded_at <= $4
        ORDER BY version
        """;

    private const string OneSql =
        $"""
        SELECT {Columns}, state, effective FROM ledger.portfolio_snapshot
        WHERE portfolio_id = $1 AND build = $2 AND version = $3
        """;

    private const string OfSome =
        "SELECT portfolio_id, version FROM ledger.portfolio_snapshot WHERE portfolio_id = ANY ($1) AND build = $2";

    private const string Insert =
        """
        INSERT INTO ledger.portfolio_snapshot AS s (
            portfolio_id, version, seq_id, recorded_at, facts_through, reaches_to, build, state, effective)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (portfolio_id, version) DO UPDATE SET
            facts_through = EXCLUDED.facts_through, reaches_to = EXCLUDED.reaches_to, build = EXCLUDED.build,
            state = EXCLUDED.state, effective = EXCLUDED.effective
        """;

    private const string DeleteOthers =
        "DELETE FROM ledger.portfolio_snapshot WHERE portfolio_id = $1 AND build <> $2";

    /// <summary>The latest one that a moment knows of; null where there is none.</summary>
    public async Task<Snapshot?> Latest(int portfolioId, Moment moment, CancellationToken cancel)
    {
        await using var command = Known(LatestSql, portfolioId, moment);
        return await ReadOne(command, cancel);
    }

    /// <summary>Where the snapshots stand that a moment knows of, in order.</summary>
    public async Task<List<Place>> Places(int portfolioId, Moment moment, CancellationToken cancel)
    {
        await using var command = Known(PlacesSql, portfolioId, moment);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var places = new List<Place>();
        while (await reader.ReadAsync(cancel))
            places.Add(PlaceOf(reader));
        return places;
    }

    /// <summary>The one at a version, which has just been found.</summary>
    public async Task<Snapshot?> At(int portfolioId, long version, CancellationToken cancel)
    {
        await using var command = Of(OneSql, portfolioId);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version });
        return await ReadOne(command, cancel);
    }

    public async Task Add(int portfolioId, Snapshot snapshot, CancellationToken cancel)
    {
        var place = snapshot.Place;
        await using var command = database.CreateCommand(Insert);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = portfolioId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = place.Version });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = place.Sequence });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = place.RecordedAt.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = place.FactsThrough.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime?> { TypedValue = place.ReachesTo?.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StateJson.Build });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = StateJson.Write(snapshot.State) });
        command.Parameters.Add(new NpgsqlParameter<byte[]?>
        {
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea,
            TypedValue = snapshot.Effective is { } effective ? StateJson.Write(effective) : null,
        });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Which snapshots some portfolios have.</summary>
    public static async Task<HashSet<(int Portfolio, long Version)>> Find(
        NpgsqlConnection connection, int[] portfolioIds, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(OfSome, connection);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = portfolioIds });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StateJson.Build });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new HashSet<(int Portfolio, long Version)>();
        while (await reader.ReadAsync(cancel))
            found.Add((reader.GetInt32(0), reader.GetInt64(1)));
        return found;
    }

    /// <summary>Whether a snapshot says what a fold came to; null where there is none.</summary>
    public static async Task<bool?> Agrees(NpgsqlConnection connection, Portfolio folded, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(OneSql, connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = folded.PortfolioId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StateJson.Build });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = folded.Version });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? StateJson.Equal(reader.GetFieldValue<byte[]>(5), folded) : null;
    }

    /// <summary>Deletes what other builds left of a portfolio.</summary>
    public async Task DeleteStale(int portfolioId, CancellationToken cancel)
    {
        await using var command = Of(DeleteOthers, portfolioId);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private NpgsqlCommand Of(string sql, int portfolioId)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = portfolioId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StateJson.Build });
        return command;
    }

    private NpgsqlCommand Known(string sql, int portfolioId, Moment moment)
    {
        var command = Of(sql, portfolioId);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = moment.Sequence ?? long.MaxValue });
        command.Parameters.Add(new NpgsqlParameter<DateTime>
        {
            TypedValue = moment.AsOf?.UtcDateTime ?? DateTime.MaxValue,
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz,
        });
        return command;
    }

    private static async Task<Snapshot?> ReadOne(NpgsqlCommand command, CancellationToken cancel)
    {
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new Snapshot(PlaceOf(reader), State(reader, 5)!, State(reader, 6))
            : null;
    }

    private static Place PlaceOf(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetInt64(1),
        reader.GetFieldValue<DateTimeOffset>(2),
        reader.GetFieldValue<DateTimeOffset>(3),
        reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4));

    private static Portfolio? State(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : StateJson.Read(reader.GetFieldValue<byte[]>(ordinal));
}
