using Bifrost.MarketData.Bars;
using Npgsql;

namespace Bifrost.MarketData.Storage;

/// <summary>How long bars of an interval are kept.</summary>
/// <param name="Keep">As PostgreSQL says it, such as "6 mons".</param>
/// <param name="Reason">Why it is on or off.</param>
public sealed record RetentionRule(BarInterval Interval, string Keep, bool Enabled, string Reason);

/// <summary>
/// Drops bars that are older than they are to be kept. With TimescaleDB's community build its policies do, and this
/// keeps them as the rules say; with its Apache build and plain tables this does it itself. Rollups stay.
/// </summary>
/// <param name="database">As the owner of the bars, who alone may drop chunks of them.</param>
public sealed class BarRetention(NpgsqlDataSource database, BarStorage storage)
{
    private const string Rules =
        "SELECT bar_interval, keep::text, enabled, reason FROM market_bar_retention r ORDER BY r.keep";

    private const string Change =
        """
        UPDATE market_bar_retention
        SET keep = coalesce($2::interval, keep), enabled = $3, reason = 'set by an operator', changed_at = now()
        WHERE bar_interval = $1
        """;

    // Compression as in the legacy schema. Where it is set it stays, because compressed chunks would refuse a change.
    private const string Compress =
        """
        DO $$
        BEGIN
            IF NOT (SELECT compression_enabled FROM timescaledb_information.hypertables
                    WHERE hypertable_name = '{bars}') THEN
                ALTER TABLE {bars} SET (
                    timescaledb.compress, timescaledb.compress_segmentby = 'symbol',
                    timescaledb.compress_orderby = 'time');
            END IF;
            PERFORM add_compression_policy('{bars}', INTERVAL '{after}', if_not_exists => true);
        END $$
        """;

    private static readonly Dictionary<BarInterval, string> CompressAfter = new()
    {
        [BarInterval.Min] = "7 days", [BarInterval.Hour] = "30 days", [BarInterval.Day] = "90 days",
    };

    public async Task<IReadOnlyList<RetentionRule>> Read(CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(Rules);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rules = new List<RetentionRule>();
        while (await reader.ReadAsync(cancel))
        {
            rules.Add(new RetentionRule(
                Enum.Parse<BarInterval>(reader.GetString(0), ignoreCase: true),
                reader.GetString(1),
                reader.GetBoolean(2),
                reader.GetString(3)));
        }
        return rules;
    }

    /// <param name="keep">Null leaves it as it is.</param>
    /// <exception cref="PostgresException">
    /// PostgreSQL does not take <paramref name="keep"/> for an interval.
    /// </exception>
    public async Task Set(BarInterval interval, string? keep, bool enabled, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(Change);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = interval.Word() });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = keep });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = enabled });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Does what the rules ask for now; with policies, sets them as the rules are.</summary>
    public async Task Apply(CancellationToken cancel = default)
    {
        foreach (var rule in await Read(cancel))
        {
            foreach (var sql in Statements(rule))
            {
                await using var command = database.CreateCommand(sql);
                await command.ExecuteNonQueryAsync(cancel);
            }
        }
    }

    // Names and intervals are ours or PostgreSQL's own text of an interval, so they can stand in the statement.
    private IEnumerable<string> Statements(RetentionRule rule)
    {
        var bars = rule.Interval.Table();
        switch (storage.Kind)
        {
            case StorageKind.Community:
                yield return Compress.Replace("{bars}", bars).Replace("{after}", CompressAfter[rule.Interval]);
                // Removed first, because a policy of another length is not replaced.
                yield return $"SELECT remove_retention_policy('{bars}', if_exists => true)";
                if (rule.Enabled)
                    yield return $"SELECT add_retention_policy('{bars}', INTERVAL '{rule.Keep}')";
                break;
            case StorageKind.Apache when rule.Enabled:
                yield return $"SELECT drop_chunks('{bars}', now() - INTERVAL '{rule.Keep}')";
                break;
            case StorageKind.Plain when rule.Enabled:
                yield return $"DELETE FROM {bars} WHERE time < now() - INTERVAL '{rule.Keep}'";
                break;
        }
    }
}
