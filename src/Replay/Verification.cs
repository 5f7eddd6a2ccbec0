using Bifrost.Projections;
using System.Data;
using System.Globalization;
using Bifrost.Domain;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Bifrost.Projections.CashBalances;
using Bifrost.Projections.Fundings;
using Bifrost.Projections.Holdings;
using Bifrost.Projections.Orders;
using Bifrost.Projections.Portfolios;
using Bifrost.Projections.Trades;
using Bifrost.Projections.Transactions;
using Npgsql;

namespace Bifrost.Replay;

/// <summary>A value that the live table and the fold of the log do not agree on.</summary>
/// <param name="Column">Empty where the whole row is missing on one side.</param>
public sealed record Difference(string Table, long Key, string Column, string Live, string Replayed);

/// <summary>How far a verification is.</summary>
public sealed record Verified(long Portfolios, long Events, IReadOnlyList<Difference> Differences);

/// <summary>Folds the log again, with the code that wrote the live tables, and compares every row and column.</summary>
/// <remarks>
/// Portfolios are taken in slices, so that memory does not grow with the log. Each slice is read in one snapshot, so
/// commands may go on meanwhile.
/// </remarks>
public sealed class Verification(NpgsqlDataSource database)
{
    private const int SlicePortfolios = 100;

    private static readonly (string Name, string Key)[] Tables =
    [
        Of(PortfolioRow.Table), Of(CashBalanceRow.Table), Of(HoldingRow.Table), Of(OrderRow.Table), Of(TradeRow.Table),
        Of(TransactionRow.Table), Of(FundingRow.Table),
    ];

    private const string Portfolios = "SELECT DISTINCT portfolio_id FROM ledger.portfolio_event ORDER BY 1";

    // An event that is in no portfolio's history would never be folded, and a stream that claims another length would
    // refuse or double its next event.
    private const string LogDifferences =
        """
        SELECT 'mt_events', e.seq_id, 'in the history of a portfolio', 'no', 'yes'
        FROM events.mt_events e LEFT JOIN ledger.portfolio_event p ON p.seq_id = e.seq_id
        WHERE p.seq_id IS NULL
        UNION ALL
        SELECT 'portfolio_event', p.seq_id, 'in the log', 'no', 'yes'
        FROM ledger.portfolio_event p LEFT JOIN events.mt_events e ON e.seq_id = p.seq_id
        WHERE e.seq_id IS NULL
        UNION ALL
        SELECT 'mt_streams', coalesce(e.first, 0), coalesce(s.id, e.stream_id) || ' version',
               s.version::text, e.count::text
        FROM events.mt_streams s
        FULL JOIN (SELECT stream_id, count(*), min(seq_id) AS first FROM events.mt_events GROUP BY stream_id) e
            ON e.stream_id = s.id
        WHERE s.version IS DISTINCT FROM e.count
        """;

    private const string Events =
        """
        SELECT e.seq_id, e.id, e.stream_id, e.version, e.type, e.data, e.timestamp, e.user_name, e.causation_id,
               e.correlation_id, p.portfolio_id, p.version
        FROM ledger.portfolio_event p JOIN events.mt_events e ON e.seq_id = p.seq_id
        WHERE p.portfolio_id = ANY ($1)
        ORDER BY p.portfolio_id, p.version
        """;

    /// <param name="portfolioId">Only this portfolio; all where it is null.</param>
    /// <param name="progress">Told after each slice.</param>
    public async Task<Verified> Run(
        int? portfolioId, IProgress<Verified>? progress = null, CancellationToken cancel = default)
    {
        var ids = portfolioId is { } one ? [one] : await Ids(Portfolios, cancel);
        var differences = new List<Difference>();
        if (portfolioId is null)
        {
            await AddLogDifferences(differences, cancel);
            foreach (var table in Tables)
                await AddStrangers(table, differences, cancel);
        }
        var (portfolios, events) = (0L, 0L);
        foreach (var slice in ids.Chunk(SlicePortfolios))
        {
            var read = await Slice(slice, differences, cancel);
            (portfolios, events) = (portfolios + read.Portfolios, events + read.Events);
            progress?.Report(new Verified(portfolios, events, differences));
        }
        return new Verified(portfolios, events, differences);
    }

    private async Task<int[]> Ids(string sql, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var ids = new List<int>();
        while (await reader.ReadAsync(cancel))
            ids.Add(reader.GetInt32(0));
        return [.. ids];
    }

    private static (string Name, string Key) Of<TRow>(Table<TRow> table) => (table.Name, table.Key.Name);

    private async Task AddLogDifferences(List<Difference> differences, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(LogDifferences);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            differences.Add(new Difference(
                reader.GetString(0), reader.GetInt64(1), reader.GetString(2), Text(reader, 3), Text(reader, 4)));
        }
    }

    private static string Text(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? "null" : reader.GetString(ordinal);

    // A row whose portfolio the log does not know is in no slice, and can only be wrong.
    private async Task AddStrangers(
        (string Name, string Key) table, List<Difference> differences, CancellationToken cancel)
    {
        var ids = await Ids(
            $"""
            SELECT {table.Key} FROM {table.Name} t
            WHERE NOT EXISTS (SELECT FROM ledger.portfolio_event e WHERE e.portfolio_id = t.portfolio_id)
            """,
            cancel);
        differences.AddRange(ids.Select(id => new Difference(table.Name, id, "", "a row", "nothing")));
    }

    private async Task<(long Portfolios, long Events)> Slice(
        int[] ids, List<Difference> differences, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var changes = new RowChanges();
        var (portfolios, events) = await Fold(connection, ids, changes, differences, cancel);
        await Marks.Take(connection, changes, ids, cancel);
        await Compare(connection, PortfolioRow.Table, changes.Portfolios, ids, differences, cancel);
        await Compare(connection, CashBalanceRow.Table, changes.CashBalances, ids, differences, cancel);
        await Compare(connection, HoldingRow.Table, changes.Holdings, ids, differences, cancel);
        await Compare(connection, OrderRow.Table, changes.Orders, ids, differences, cancel);
        await Compare(connection, TradeRow.Table, changes.Trades, ids, differences, cancel);
        await Compare(connection, TransactionRow.Table, changes.Transactions, ids, differences, cancel);
        await Compare(connection, FundingRow.Table, changes.Fundings, ids, differences, cancel);
        return (portfolios, events);
    }

    private static async Task<(long Portfolios, long Events)> Fold(
        NpgsqlConnection connection,
        int[] ids,
        RowChanges changes,
        List<Difference> differences,
        CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Events, connection);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = ids });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var (portfolios, events, id, broken, state) = (0L, 0L, 0, false, (Portfolio?)null);
        while (await reader.ReadAsync(cancel))
        {
            events++;
            if (reader.GetInt32(10) != id)
                (portfolios, id, broken, state) = (portfolios + 1, reader.GetInt32(10), false, null);
            if (broken)
                continue;
            try
            {
                state = changes.Fold(state, Checked(reader, state));
            }
            catch (Exception e) when (e is InvalidHistoryException or EventReadException or InvalidDataException)
            {
                // What follows of this portfolio cannot be folded; the others can.
                differences.Add(new Difference("mt_events", reader.GetInt64(0), "history", e.Message, "can be folded"));
                broken = true;
            }
        }
        return (portfolios, events);
    }

    private static Recorded Checked(NpgsqlDataReader reader, Portfolio? state)
    {
        var (portfolioId, version) = (reader.GetInt32(10), reader.GetInt64(11));
        var recorded = EventLog.Row(reader).Recorded;
        if (recorded.Event.PortfolioId != portfolioId)
            throw new InvalidDataException($"It is an event of portfolio {recorded.Event.PortfolioId}.");
        return version == (state?.Version ?? 0) + 1
            ? recorded
            : throw new InvalidDataException($"Version {version} follows version {state?.Version ?? 0}.");
    }

    private static async Task Compare<TRow>(
        NpgsqlConnection connection,
        Table<TRow> table,
        Changes<TRow> replayed,
        int[] ids,
        List<Difference> differences,
        CancellationToken cancel)
        where TRow : class
    {
        var missing = replayed.Rows.ToDictionary();
        var names = string.Join(", ", table.Columns.Select(column => column.Name));
        await using var command = new NpgsqlCommand(
            $"SELECT {names} FROM {table.Name} WHERE portfolio_id = ANY ($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = ids });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var key = reader.GetInt32(table.Columns.ToList().IndexOf(table.Key));
            if (missing.Remove(key, out var row))
                differences.AddRange(Compare(table, key, reader, row));
            else
                differences.Add(new Difference(table.Name, key, "", "a row", "nothing"));
        }
        differences.AddRange(missing.Keys.Select(key => new Difference(table.Name, key, "", "nothing", "a row")));
    }

    // Times with all of their digits: a microsecond is a difference.
    private static string Text(object? value) => value switch
    {
        null => "null",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static IEnumerable<Difference> Compare<TRow>(Table<TRow> table, int key, NpgsqlDataReader reader, TRow row)
    {
        for (var i = 0; i < table.Columns.Count; i++)
        {
            // The database holds them to the columns that they come from, which are compared.
            if (table.Columns[i].Role == ColumnRole.Generated)
                continue;
            var (live, replayed) = (table.Columns[i].Read(reader, i), table.Columns[i].Value(row));
            if (!Equals(live, replayed))
                yield return new Difference(table.Name, key, table.Columns[i].Name, Text(live), Text(replayed));
        }
    }
}
