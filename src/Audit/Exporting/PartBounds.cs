using Npgsql;
using NpgsqlTypes;

namespace Bifrost.Audit.Exporting;

/// <summary>
/// Where a part lies: the sequences, or the versions of a portfolio, of its first and its last event. A part of a time
/// begins with the event before it and ends with the event after it, which show that nothing between them is left out.
/// </summary>
internal readonly record struct PartBounds(long First, long Last)
{
    // Whatever the clocks did, nothing before the first or after the last was recorded within the time.
    private const string OfLog =
        """
        SELECT coalesce((SELECT max(e.seq_id) FROM events.mt_events e WHERE e.seq_id < b.first), b.first),
               coalesce((SELECT min(e.seq_id) FROM events.mt_events e WHERE e.seq_id > b.last), b.last)
        FROM (SELECT CASE WHEN $1 IS NULL THEN 0 ELSE ledger.first_recorded($1) END AS first,
                     CASE WHEN $2 IS NULL THEN 9223372036854775807 ELSE ledger.last_recorded($2) END AS last) AS b
        """;

    // The recorded times of a portfolio never go back.
    private const string OfPortfolio =
        """
        SELECT CASE WHEN $1 IS NULL THEN 1 ELSE greatest(1, coalesce((
                   SELECT p.version - 1 FROM ledger.portfolio_event p JOIN events.mt_events e ON e.seq_id = p.seq_id
                   WHERE p.portfolio_id = $3 AND e.timestamp >= $1
                       AND p.version > ledger.portfolio_version_at($3, ledger.first_recorded($1) - 1)
                   ORDER BY p.version LIMIT 1),
               (SELECT max(p.version) FROM ledger.portfolio_event p WHERE p.portfolio_id = $3))) END,
               CASE WHEN $2 IS NULL THEN 9223372036854775807 ELSE 1 + coalesce((
                   SELECT p.version FROM ledger.portfolio_event p JOIN events.mt_events e ON e.seq_id = p.seq_id
                   WHERE p.portfolio_id = $3 AND e.timestamp < $2
                       AND p.version <= ledger.portfolio_version_at($3, ledger.last_recorded($2))
                   ORDER BY p.version DESC LIMIT 1), 0) END
        """;

    private const string BeforeLog =
        """
        SELECT own.portfolio_id, before.hash
        FROM (SELECT portfolio_id, min(version) AS version FROM ledger.portfolio_event
              WHERE seq_id BETWEEN $1 AND $2 GROUP BY portfolio_id) own
        JOIN ledger.portfolio_event before
            ON before.portfolio_id = own.portfolio_id AND before.version = own.version - 1
        """;

    private const string BeforePortfolio =
        "SELECT portfolio_id, hash FROM ledger.portfolio_event WHERE portfolio_id = $1 AND version = $2 - 1";

    public static async Task<PartBounds> Find(
        NpgsqlConnection connection, ExportScope scope, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(scope.PortfolioId is null ? OfLog : OfPortfolio, connection);
        command.Parameters.Add(Time(scope.From));
        command.Parameters.Add(Time(scope.To));
        if (scope.PortfolioId is { } portfolioId)
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = portfolioId });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new PartBounds(reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>What the first event of each portfolio in the part follows.</summary>
    public async Task<Dictionary<int, byte[]>> ReadBefore(
        NpgsqlConnection connection, ExportScope scope, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            scope.PortfolioId is null ? BeforeLog : BeforePortfolio, connection) { CommandTimeout = 0 };
        if (scope.PortfolioId is { } portfolioId)
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = portfolioId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = First });
        if (scope.PortfolioId is null)
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Last });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var before = new Dictionary<int, byte[]>();
        while (await reader.ReadAsync(cancel))
            before.Add(reader.GetInt32(0), reader.GetFieldValue<byte[]>(1));
        return before;
    }

    private static NpgsqlParameter Time(DateTime? time) => new()
    {
        NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = (object?)time ?? DBNull.Value,
    };
}
