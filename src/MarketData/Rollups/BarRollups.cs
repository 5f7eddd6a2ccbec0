using Npgsql;

namespace Bifrost.MarketData.Rollups;

/// <summary>How far rolling up is.</summary>
/// <param name="Done">Periods that were rolled up.</param>
/// <param name="Left">Periods that waited when this one was taken up.</param>
public readonly record struct RollupProgress(long Done, long Left);

/// <summary>
/// Makes hours of minutes, days of hours and weeks of days again wherever bars are new or corrected, and looks the bars
/// over for what is suspicious. What is to be done is in <c>market_bar_pending</c>, written with the bars, so it
/// survives a crash and may be worked on by several processes. Days are the sessions of a symbol's exchange; see
/// <see cref="RollupPeriod"/>.
/// </summary>
public sealed class BarRollups(NpgsqlDataSource database)
{
    // Taken away before the bars are read: should more of them be committed meanwhile, their writer finds no row, waits
    // for this transaction and leaves word anew. What others hold is left to them: they roll it up, or they store bars
    // of it that cannot be seen yet.
    private const string Take =
        """
        WITH taken AS (
            SELECT bar_interval, period, symbol FROM market_bar_pending
            WHERE bar_interval = $1 ORDER BY period, symbol LIMIT $2 FOR UPDATE SKIP LOCKED
        )
        DELETE FROM market_bar_pending p USING taken t
        WHERE (p.bar_interval, p.period, p.symbol) = (t.bar_interval, t.period, t.symbol)
        RETURNING p.symbol, p.period
        """;

    private const string Waiting = "SELECT count(*) FROM market_bar_pending";

    // Weeks last, because days leave word for them.
    private static readonly (string Interval, string RollUp, int Span)[] Steps =
    [
        ("min", "SELECT market_roll_up_minutes($1, $2, $3, $4)", 7),
        ("hour", "SELECT market_roll_up_hours($1, $2, $3, $4)", 90),
        ("day", "SELECT market_roll_up_days($1, $2)", 3660),
    ];

    // Bounds how long writers of the same periods may have to wait.
    private const int PairsAtOnce = 500;

    /// <summary>Works until nothing is pending.</summary>
    /// <returns>How many periods were rolled up.</returns>
    public async Task<long> Run(IProgress<RollupProgress>? progress = null, CancellationToken cancel = default)
    {
        var done = 0L;
        foreach (var step in Steps)
        {
            while (await RollUp(step, cancel) is > 0 and var pairs)
            {
                done += pairs;
                progress?.Report(new RollupProgress(done, progress is null ? 0 : await CountPending(cancel)));
            }
        }
        return done;
    }

    public async Task<long> CountPending(CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(Waiting);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    private async Task<int> RollUp((string Interval, string RollUp, int Span) step, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var pairs = await TakePairs(connection, step.Interval, cancel);
        if (pairs.Count == 0)
            return 0;
        var periods = step.Interval == "day"
            ? [.. pairs.Select(RollupPeriod.Week)]
            : await RollupPeriod.Days(connection, pairs, cancel);
        foreach (var near in Near(periods, step.Span))
        {
            await Call(connection, step.RollUp, near, cancel);
            await Call(connection, $"SELECT market_flag_bars('{step.Interval}', $1, $2, $3, $4)", near, cancel);
            if (step.Interval != "day")
                await Call(connection, LeaveWeeks, near, cancel);
        }
        await transaction.CommitAsync(cancel);
        return pairs.Count;
    }

    // In one order, so that two at once do not wait for each other; updated where it is there, as by writers of bars.
    private const string LeaveWeeks =
        """
        INSERT INTO market_bar_pending AS w (bar_interval, symbol, period)
        SELECT DISTINCT 'day', p.symbol, date_trunc('week', p.day)::date
        FROM unnest($1, $2) AS p (symbol, day) ORDER BY 2, 3
        ON CONFLICT (bar_interval, period, symbol) DO UPDATE SET period = w.period
        """;

    private static async Task<List<(string Symbol, DateOnly Period)>> TakePairs(
        NpgsqlConnection connection, string interval, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Take, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = interval });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PairsAtOnce });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var pairs = new List<(string Symbol, DateOnly Period)>();
        while (await reader.ReadAsync(cancel))
            pairs.Add((reader.GetString(0), reader.GetFieldValue<DateOnly>(1)));
        pairs.Sort(static (a, b) => a.Period.CompareTo(b.Period));
        return pairs;
    }

    // The functions read all bars of the symbols between the first and the last period, so those far apart go alone.
    private static IEnumerable<List<RollupPeriod>> Near(List<RollupPeriod> periods, int spanDays)
    {
        for (var begin = 0; begin < periods.Count;)
        {
            var end = begin + 1;
            while (end < periods.Count && periods[end].Name.DayNumber - periods[begin].Name.DayNumber < spanDays)
                end++;
            yield return periods[begin..end];
            begin = end;
        }
    }

    // A statement is given as many of the four as it asks for.
    private static async Task Call(
        NpgsqlConnection connection, string sql, List<RollupPeriod> periods, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter
        {
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Varchar,
            Value = periods.Select(period => period.Symbol).ToArray(),
        });
        command.Parameters.Add(new NpgsqlParameter<DateOnly[]> { TypedValue = [.. periods.Select(p => p.Name)] });
        if (sql.Contains("$4", StringComparison.Ordinal))
        {
            command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. periods.Select(p => p.Begins)] });
            command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. periods.Select(p => p.Ends)] });
        }
        await command.ExecuteNonQueryAsync(cancel);
    }
}
