using System.Data;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Replay.Rebuilding;

public enum RebuildStage
{
    /// <summary>The log is folded, and the rows that it makes are written beside the live ones.</summary>
    Folding,

    /// <summary>The rows are compared.</summary>
    Comparing,

    /// <summary>Portfolios whose live rows differ are put right.</summary>
    Swapping,
}

/// <summary>How far a rebuild is.</summary>
/// <param name="Done">Events folded, or portfolios put right.</param>
/// <param name="Total">Of them.</param>
public readonly record struct RebuildProgress(RebuildStage Stage, long Done, long Total);

/// <summary>What a rebuild did.</summary>
/// <param name="RowsChanged">Live rows that were put right.</param>
/// <param name="Healed">The portfolios that they belong to.</param>
/// <param name="Stopped">Portfolios that cannot be folded; their live rows were left as they are.</param>
public sealed record Rebuilt(
    long Portfolios, long Events, long RowsChanged, IReadOnlyList<int> Healed, IReadOnlyList<StoppedPortfolio> Stopped);

/// <summary>
/// Makes the projected tables anew from the log while commands go on. The log is folded into temporary tables of one
/// connection; then each portfolio whose live rows differ is put right in a transaction that holds it as a commit of
/// the ledger would, after what was committed meanwhile was folded too.
/// </summary>
/// <remarks>
/// Nothing of the live tables is touched before the last step, and there each transaction leaves whole portfolios, so a
/// rebuild may be killed at any moment and run again. Rows that are right are not written. See
/// docs/adr/0006-rebuild-by-portfolio.md.
/// </remarks>
public sealed class Rebuild(NpgsqlDataSource database)
{
    // A commit of one of these waits until all of them are done.
    private const int PortfoliosAtOnce = 20;

    // What a burst of commands leaves behind is folded in the transaction that compares; more is folded before it.
    private const int FewEvents = 10_000;

    private const int EventsBetweenWrites = 50_000;

    private const string LastSequence = "SELECT coalesce(max(seq_id), 0) FROM events.mt_events";

    private const string Lengths = "SELECT portfolio_id, max(version), count(*) FROM ledger.portfolio_event GROUP BY 1";

    // A portfolio's value follows from marks; its own mark columns are compared with what they should be.
    private const string DifferingMarks =
        $"""
        SELECT h.portfolio_id FROM holding h JOIN {Shadow.Holding} s USING (holding_id)
        LEFT JOIN ledger.holding_mark m USING (holding_id)
        WHERE (h.current_price, h.price_at) IS DISTINCT FROM
              (coalesce(m.price, s.current_price), CASE WHEN m.price IS NOT NULL THEN m.price_at END)
        UNION
        SELECT p.portfolio_id
        FROM portfolio p
        LEFT JOIN (SELECT portfolio_id, sum(market_value) AS value FROM holding GROUP BY 1) h USING (portfolio_id)
        LEFT JOIN (SELECT DISTINCT portfolio_id FROM cash_balance WHERE reserved IS NOT NULL) c USING (portfolio_id)
        WHERE p.current_value IS DISTINCT FROM p.cash_balance + CASE
            WHEN c.portfolio_id IS NULL THEN coalesce(h.value, 0) ELSE ledger.worth_of(p.portfolio_id) END
        """;

    // The order of the locks is that of the ledger's commits.
    private const string Lock =
        "SELECT FROM portfolio WHERE portfolio_id = ANY ($1) ORDER BY portfolio_id FOR NO KEY UPDATE";

    // Users and symbols are made where rows need them, as commits do.
    private const string Users =
        $"""
        INSERT INTO auth_user (id, username)
        SELECT DISTINCT user_id, 'user-' || user_id FROM {Shadow.Portfolio} WHERE portfolio_id = ANY ($1)
        ON CONFLICT DO NOTHING
        """;

    private const string Symbols =
        $"""
        INSERT INTO market_symbol (symbol, name, market, asset_type, status)
        SELECT symbol, symbol, 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'
        FROM (SELECT symbol FROM {Shadow.Holding} WHERE portfolio_id = ANY ($1)
              UNION SELECT symbol FROM {Shadow.Order} WHERE portfolio_id = ANY ($1)) AS named
        ON CONFLICT DO NOTHING
        """;

    // A name may have to go from one portfolio to another, and no two may have it at a time.
    private const string FreeNames =
        $"""
        UPDATE portfolio p SET name = 'rebuilding ' || p.portfolio_id
        FROM {Shadow.Portfolio} s
        WHERE s.portfolio_id = p.portfolio_id AND (s.user_id, s.name) IS DISTINCT FROM (p.user_id, p.name)
          AND p.portfolio_id = ANY ($1)
        """;

    private const string PutMarksRight =
        $"""
        UPDATE holding h SET current_price = d.price, price_at = d.price_at
        FROM (SELECT s.holding_id, coalesce(m.price, s.current_price) AS price,
                     CASE WHEN m.price IS NOT NULL THEN m.price_at END AS price_at
              FROM {Shadow.Holding} s LEFT JOIN ledger.holding_mark m USING (holding_id)
              WHERE s.portfolio_id = ANY ($1)) AS d
        WHERE h.holding_id = d.holding_id AND (h.current_price, h.price_at) IS DISTINCT FROM (d.price, d.price_at)
        """;

    private const string Revalue =
        """
        UPDATE portfolio p SET current_value = v.value
        FROM (SELECT p.portfolio_id, p.cash_balance + ledger.worth_of(p.portfolio_id) AS value
              FROM portfolio p WHERE p.portfolio_id = ANY ($1)) AS v
        WHERE v.portfolio_id = p.portfolio_id AND p.current_value IS DISTINCT FROM v.value
        """;

    private readonly LogFold fold = new(database);

    /// <param name="portfolioId">Only this portfolio; all where it is null.</param>
    public async Task<Rebuilt> Run(
        int? portfolioId, Action<RebuildProgress>? progress = null, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        try
        {
            await Sql.Run(connection, "SET temp_buffers = '128MB'; SET work_mem = '128MB'", cancel);
            var shadow = new Shadow(connection);
            await shadow.Create(cancel);
            var differing = portfolioId is { } one
                ? await FoldOne(shadow, one, cancel)
                : await FoldAll(shadow, progress, cancel);
            var (rows, healed) = await Swap(shadow, differing, progress, cancel);
            return new Rebuilt(
                portfolioId is null ? fold.Portfolios.Count : Math.Min(fold.Portfolios.Count, 1),
                fold.Events,
                rows,
                healed,
                [.. fold.Stopped.Values.OrderBy(stopped => stopped.PortfolioId)]);
        }
        finally
        {
            // The connection goes back to its pool, and its session's tables would stay. One that broke has lost them.
            if (connection.State == ConnectionState.Open)
                await Sql.Run(connection, "DISCARD TEMP; RESET temp_buffers; RESET work_mem", CancellationToken.None);
        }
    }

    private async Task<int[]> FoldOne(Shadow shadow, int portfolioId, CancellationToken cancel)
    {
        await fold.Run(portfolioId, cancel);
        await shadow.Finish(fold.Changes, cancel);
        await Index(shadow, cancel);
        return fold.Stopped.Count == 0 ? [portfolioId] : [];
    }

    private async Task<int[]> FoldAll(
        Shadow shadow, Action<RebuildProgress>? progress, CancellationToken cancel)
    {
        await using var reads = await database.OpenConnectionAsync(cancel);
        for (long last; (last = await Sql.Scalar<long>(reads, LastSequence, cancel)) - fold.Sequence > FewEvents;)
            await FoldThrough(shadow, last, progress, cancel);
        // What follows is of one moment: the log, the rows that it makes, and the live ones.
        await using var snapshot =
            await shadow.Connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        await FoldThrough(
            shadow, await Sql.Scalar<long>(shadow.Connection, LastSequence, cancel), progress, cancel);
        await shadow.Finish(fold.Changes, cancel);
        await Sql.Run(shadow.Connection, $"ANALYZE {string.Join(", ", shadow.Tables.Select(t => t.Name))}", cancel);
        progress?.Invoke(new RebuildProgress(RebuildStage.Comparing, 0, shadow.Tables.Count));
        await StopIncomplete(shadow.Connection, cancel);
        var differing = new SortedSet<int>();
        foreach (var (table, done) in shadow.Tables.Select((table, i) => (table, i)))
        {
            differing.UnionWith(await Sql.Column<int>(shadow.Connection, table.Differing, cancel));
            progress?.Invoke(new RebuildProgress(RebuildStage.Comparing, done + 1, shadow.Tables.Count));
        }
        differing.UnionWith(await Sql.Column<int>(shadow.Connection, DifferingMarks, cancel));
        await snapshot.CommitAsync(cancel);
        differing.ExceptWith(fold.Stopped.Keys);
        if (differing.Count > 0)
            await Index(shadow, cancel);
        return [.. differing];
    }

    private async Task FoldThrough(
        Shadow shadow, long through, Action<RebuildProgress>? progress, CancellationToken cancel)
    {
        var written = fold.Events;
        await fold.Run(
            through,
            async () =>
            {
                progress?.Invoke(new RebuildProgress(RebuildStage.Folding, fold.Events, through));
                if (fold.Events - written < EventsBetweenWrites)
                    return;
                written = fold.Events;
                await shadow.Begin(fold.Changes, cancel);
            },
            cancel);
        await shadow.Written;
    }

    // A history that lacks an event, or has one that is in no log, folds to something that never was.
    private async Task StopIncomplete(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Lengths, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var (id, version, count) = (reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2));
            var folded = fold.Portfolios.GetValueOrDefault(id)?.Version ?? 0;
            if (version != count || version != folded)
                fold.Stop(id, 0, $"Its history goes to version {version}, has {count} events, and the log {folded}.");
        }
    }

    private static async Task Index(Shadow shadow, CancellationToken cancel) => await Sql.Run(
        shadow.Connection,
        string.Join("; ", shadow.Tables.Select(table => $"CREATE INDEX ON {table.Name} (portfolio_id)")),
        cancel);

    private async Task<(long Rows, List<int> Healed)> Swap(
        Shadow shadow, int[] differing, Action<RebuildProgress>? progress, CancellationToken cancel)
    {
        var (rows, healed, done) = (0L, new List<int>(), 0);
        // Rows of portfolios that the log does not know go first, because they may have a name that another one needs.
        var ordered = differing.OrderBy(id => fold.Portfolios.ContainsKey(id)).ToArray();
        await Sql.Run(shadow.Connection, Users, ordered, cancel);
        await Sql.Run(shadow.Connection, Symbols, ordered, cancel);
        await Sql.Run(shadow.Connection, FreeNames, ordered, cancel);
        foreach (var some in ordered.Chunk(PortfoliosAtOnce))
        {
            // Where the row was missing that is locked, a commit may have come between: then it is looked at again.
            var (changed, before) = (0, rows);
            for (var round = 0; (changed = await Swap(shadow, some, cancel)) > 0 && round < 3; round++)
                rows += changed;
            if (rows > before)
                healed.AddRange(some);
            done += some.Length;
            progress?.Invoke(new RebuildProgress(RebuildStage.Swapping, done, ordered.Length));
        }
        return (rows, healed);
    }

    private async Task<int> Swap(Shadow shadow, int[] portfolios, CancellationToken cancel)
    {
        await using var transaction = await shadow.Connection.BeginTransactionAsync(cancel);
        await Sql.Run(shadow.Connection, Lock, portfolios, cancel);
        foreach (var id in portfolios)
            await fold.Run(id, cancel);
        await shadow.Finish(fold.Changes, cancel);
        // What was committed meanwhile may not follow.
        portfolios = [.. portfolios.Where(id => !fold.Stopped.ContainsKey(id))];
        var changed = 0;
        foreach (var sql in shadow.Tables.SelectMany(table => table.Merge))
            changed += await Sql.Run(shadow.Connection, sql, portfolios, cancel);
        changed += await Sql.Run(shadow.Connection, PutMarksRight, portfolios, cancel);
        changed += await Sql.Run(shadow.Connection, Revalue, portfolios, cancel);
        await transaction.CommitAsync(cancel);
        return changed;
    }
}
