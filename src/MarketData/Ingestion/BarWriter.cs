using Bifrost.MarketData.Bars;
using Npgsql;

namespace Bifrost.MarketData.Ingestion;

/// <summary>
/// Stores batches of bars, each in one transaction with all that follows from it: corrections, quarantined rows, flags,
/// symbols, latest prices, and word of what has to be rolled up again. Stored again, a batch changes nothing.
/// </summary>
public sealed class BarWriter(NpgsqlDataSource database)
{
    // One writer of bars at a time. Two that wrote the same rows in different orders would wait for each other, and
    // versions of prices have to become visible in order. It is held for a batch and not for a file.
    // Nobody but who writes bars may lock the row.
    private const string Lock = "SELECT FROM market_bar_turn FOR UPDATE";

    private const string Overlaps =
        """
        SELECT EXISTS (
            SELECT FROM unnest($1::varchar[], $2::timestamptz[], $3::timestamptz[]) AS s (symbol, first, last)
            WHERE EXISTS (
                SELECT FROM {bars} b
                WHERE b.symbol = s.symbol AND b.time BETWEEN s.first AND s.last AND b.time BETWEEN $4 AND $5
            )
        )
        """;

    private const string Staged =
        """
        CREATE TEMP TABLE staged_bar (
            symbol varchar(32), time timestamptz, open numeric, high numeric, low numeric, close numeric,
            volume bigint, adj_close numeric
        ) ON COMMIT DROP
        """;

    // Rows that are stored already, just so, are left alone: touching them would write each of them anew. What is
    // replaced is kept as it was. The conflict clause is for others that write bars without the lock.
    private const string Merge =
        """
        WITH differing AS MATERIALIZED (
            SELECT s.*, b.symbol IS NOT NULL AS is_known, b.open AS old_open, b.high AS old_high, b.low AS old_low,
                   b.close AS old_close, b.volume AS old_volume, b.adj_close AS old_adj_close, b.recorded_at
            FROM staged_bar s
            LEFT JOIN {bars} b ON b.symbol = s.symbol AND b.time = s.time AND b.time BETWEEN $1 AND $2
            WHERE b.symbol IS NULL
               OR (s.open, s.high, s.low, s.close, s.volume, s.adj_close)
                  IS DISTINCT FROM (b.open, b.high, b.low, b.close, b.volume, b.adj_close)
        ), corrected AS (
            INSERT INTO market_bar_correction (
                bar_interval, symbol, time, open, high, low, close, volume, adj_close, recorded_at, source)
            SELECT $3, symbol, time, old_open, old_high, old_low, old_close, old_volume, old_adj_close, recorded_at, $4
            FROM differing WHERE is_known
        ), written AS (
            INSERT INTO {bars} AS b (symbol, time, open, high, low, close, volume, adj_close)
            SELECT symbol, time, open, high, low, close, volume, adj_close FROM differing
            ON CONFLICT (symbol, time) DO UPDATE SET
                open = EXCLUDED.open, high = EXCLUDED.high, low = EXCLUDED.low, close = EXCLUDED.close,
                volume = EXCLUDED.volume, adj_close = EXCLUDED.adj_close, recorded_at = EXCLUDED.recorded_at
        )
        SELECT symbol, time, is_known FROM differing
        """;

    // Chunks of the legacy width suit what is this young; older bars are history.
    private static readonly Dictionary<BarInterval, TimeSpan> Live = new()
    {
        [BarInterval.Min] = TimeSpan.FromDays(90),
        [BarInterval.Hour] = TimeSpan.FromDays(90),
        [BarInterval.Day] = TimeSpan.FromDays(365),
    };

    /// <param name="interval">Says which table.</param>
    /// <param name="origin">Where the rows come from.</param>
    /// <exception cref="PostgresException">The batch is not stored; nothing of it is.</exception>
    public async Task<IngestCounts> Write(
        BarBatch batch, BarInterval interval, BarOrigin origin, CancellationToken cancel = default)
    {
        var contents = new BatchContents(batch.Bars, interval);
        await using var connection = await database.OpenConnectionAsync(cancel);
        string[] names = [.. contents.Spans.Select(span => span.Symbol)];
        var named = await PrimaryNames.Of(connection, batch, names, origin.Source, cancel);
        if (!ReferenceEquals(named, batch))
            contents = new BatchContents(named.Bars, interval);
        try
        {
            return await Write(connection, new Batch(named, contents, interval, origin), mayCopy: true, cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Somebody wrote the same bars past the lock, between our look and our rows.
            return await Write(connection, new Batch(named, contents, interval, origin), mayCopy: false, cancel);
        }
    }

    private static async Task<IngestCounts> Write(
        NpgsqlConnection connection, Batch batch, bool mayCopy, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await Execute(connection, Lock, cancel);
        var changed = batch.Contents.Bars.Count == 0
            ? BarChanges.None
            : await WriteBars(connection, batch, mayCopy, cancel);
        await BatchConsequences.Write(connection, batch, changed, cancel);
        await transaction.CommitAsync(cancel);
        return Counts(batch, changed);
    }

    private static async Task<BarChanges> WriteBars(
        NpgsqlConnection connection, Batch batch, bool mayCopy, CancellationToken cancel)
    {
        var isHistory = batch.Contents.Earliest < DateTime.UtcNow - Live[batch.Interval];
        if (isHistory)
            await SetChunks(connection, batch.Interval, wide: true, cancel);
        var changed = mayCopy && !await OverlapsStored(connection, batch, cancel)
            ? await CopyIn(connection, batch, cancel)
            : await MergeIn(connection, batch, cancel);
        if (isHistory)
            await SetChunks(connection, batch.Interval, wide: false, cancel);
        return changed;
    }

    private static async Task SetChunks(
        NpgsqlConnection connection, BarInterval interval, bool wide, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT market_bar_chunks($1::regclass, $2)", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = interval.Table() });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = wide });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Whether a bar is stored between the first and the last one of a symbol of the batch.</summary>
    private static async Task<bool> OverlapsStored(NpgsqlConnection connection, Batch batch, CancellationToken cancel)
    {
        var spans = batch.Contents.Spans;
        await using var command = new NpgsqlCommand(Overlaps.Replace("{bars}", batch.Interval.Table()), connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. spans.Select(s => s.Symbol)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. spans.Select(s => s.First)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. spans.Select(s => s.Last)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = batch.Contents.Earliest });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = batch.Contents.Latest });
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    // Where nothing is stored between a symbol's first and last bar no row needs to be looked for, and the bars go
    // straight into their table.
    private static async Task<BarChanges> CopyIn(NpgsqlConnection connection, Batch batch, CancellationToken cancel)
    {
        await BarCopy.Write(connection, batch.Interval.Table(), batch.Contents.Bars, cancel);
        return BarChanges.AllNew(batch.Contents);
    }

    private static async Task<BarChanges> MergeIn(NpgsqlConnection connection, Batch batch, CancellationToken cancel)
    {
        await Execute(connection, Staged, cancel);
        await BarCopy.Write(connection, "staged_bar", batch.Contents.Bars, cancel);
        await using var command = new NpgsqlCommand(Merge.Replace("{bars}", batch.Interval.Table()), connection);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = batch.Contents.Earliest });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = batch.Contents.Latest });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = batch.Interval.Word() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = batch.Origin.Source });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var (written, corrected) = (new HashSet<(string, DateTime)>(), 0);
        while (await reader.ReadAsync(cancel))
        {
            written.Add((reader.GetString(0), reader.GetDateTime(1)));
            corrected += reader.GetBoolean(2) ? 1 : 0;
        }
        return BarChanges.Some(written, corrected, batch.Interval);
    }

    // A bar that the source had twice counts as often; all of its rows were written, or none of them.
    private static IngestCounts Counts(Batch batch, BarChanges changed)
    {
        var replaced = batch.Contents.Repeated.Count(pair => changed.Has(pair.Later) && IsOther(pair));
        var written = changed.Count + replaced;
        return new IngestCounts(
            batch.Given.Rows,
            written,
            changed.Corrected + replaced,
            batch.Given.Bars.Count - written,
            batch.Given.Quarantined.Count + batch.Given.NotKept,
            batch.Given.NotKept);
    }

    internal static bool IsOther((Bar Earlier, Bar Later) pair) => pair.Earlier != pair.Later;

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
