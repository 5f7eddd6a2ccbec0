using System.Data;
using Bifrost.EventStore;
using Bifrost.Projections;
using Bifrost.Projections.CashBalances;
using Bifrost.Projections.Fundings;
using Bifrost.Projections.Holdings;
using Bifrost.Projections.Orders;
using Bifrost.Projections.Portfolios;
using Bifrost.Projections.Trades;
using Bifrost.Projections.Transactions;
using Npgsql;

namespace Bifrost.Replay.Verifying;

/// <summary>A value that the live table and the fold of the log do not agree on.</summary>
/// <param name="Column">Empty where the whole row is missing on one side.</param>
public sealed record Difference(string Table, long Key, string Column, string Live, string Replayed);

/// <summary>How far a verification is, or what it came to.</summary>
/// <param name="All">How many portfolios there are to verify.</param>
public sealed record Verified(long Portfolios, long Events, IReadOnlyList<Difference> Differences, long All);

/// <summary>Folds the log again, with the code that wrote the live tables, and compares every row and column.</summary>
/// <remarks>
/// Portfolios are taken in slices, so that memory does not grow with the log. Each slice is read in one snapshot, so
/// commands may go on meanwhile.
/// </remarks>
public sealed class Verification(NpgsqlDataSource database)
{
    private const int SlicePortfolios = 100;

    private const long SliceEvents = 50_000;

    private static readonly (string Name, string Key)[] Tables =
    [
        Of(PortfolioRow.Table), Of(CashBalanceRow.Table), Of(HoldingRow.Table), Of(OrderRow.Table), Of(TradeRow.Table),
        Of(TransactionRow.Table), Of(FundingRow.Table),
    ];

    private const string Portfolios =
        "SELECT portfolio_id, max(version) FROM ledger.portfolio_event WHERE portfolio_id > $1 GROUP BY 1 ORDER BY 1";

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

    private readonly EventLog log = new(database);

    /// <param name="portfolioId">Only this portfolio; all where it is null.</param>
    /// <param name="progress">Told after each slice.</param>
    public async Task<Verified> Run(
        int? portfolioId, Action<Verified>? progress = null, CancellationToken cancel = default)
    {
        var differences = new List<Difference>();
        if (portfolioId is { } one)
        {
            var (known, read, wrong) = await VerifySlice([one], cancel);
            await AddReceipts(one, differences, cancel);
            return new Verified(known, read, [.. wrong, .. differences], 1);
        }
        differences.AddRange(await VerifyLog(cancel));
        var (portfolios, events) = (0L, 0L);
        var slices = await FindSlices(0, cancel);
        var all = slices.Sum(slice => (long)slice.Length);
        foreach (var slice in slices)
        {
            var (verified, folded, found) = await VerifySlice(slice, cancel);
            differences.AddRange(found);
            (portfolios, events) = (portfolios + verified, events + folded);
            progress?.Invoke(new Verified(portfolios, events, differences, all));
        }
        return new Verified(portfolios, events, differences, all);
    }

    /// <summary>Portfolios in parts that take little time each, beginning after an id.</summary>
    public async Task<List<int[]>> FindSlices(int after, CancellationToken cancel = default)
    {
        await using var command = Command(Portfolios);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = after });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var portfolios = new List<(int Id, long Events)>();
        while (await reader.ReadAsync(cancel))
            portfolios.Add((reader.GetInt32(0), reader.GetInt64(1)));
        return [.. Slices(portfolios)];
    }

    /// <summary>Portfolios, each with how many events it has, in parts whose histories are read at a time.</summary>
    public static IEnumerable<int[]> Slices(IEnumerable<(int Id, long Events)> portfolios)
    {
        var (slice, events) = (new List<int>(), 0L);
        foreach (var (id, length) in portfolios)
        {
            if (slice.Count == SlicePortfolios || (slice.Count > 0 && events + length > SliceEvents))
            {
                yield return [.. slice];
                slice.Clear();
                events = 0;
            }
            slice.Add(id);
            events += length;
        }
        if (slice.Count > 0)
            yield return [.. slice];
    }

    /// <summary>What the log and its indexes disagree on, and rows of portfolios that it does not know.</summary>
    public async Task<IReadOnlyList<Difference>> VerifyLog(CancellationToken cancel = default)
    {
        var differences = new List<Difference>();
        await using (var command = Command(LogDifferences))
        await using (var reader = await command.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
            {
                differences.Add(new Difference(
                    reader.GetString(0), reader.GetInt64(1), reader.GetString(2), Text(reader, 3), Text(reader, 4)));
            }
        }
        foreach (var table in Tables)
            await AddStrangers(table, differences, cancel);
        await AddReceipts(null, differences, cancel);
        return differences;
    }

    /// <summary>Verifies some portfolios in one snapshot.</summary>
    public async Task<(long Portfolios, long Events, IReadOnlyList<Difference> Differences)> VerifySlice(
        int[] portfolioIds, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        await using var reads = await database.OpenConnectionAsync(cancel);
        await using var same = await reads.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var name = await Sql.Scalar<string>(connection, "SELECT pg_export_snapshot()", cancel);
        await Sql.Run(reads, $"SET TRANSACTION SNAPSHOT '{name}'", cancel);
        var slice = new Slice(connection, log, portfolioIds);
        var differences = await slice.Verify(reads, cancel);
        return (slice.Portfolios, slice.Events, differences);
    }

    private NpgsqlCommand Command(string sql)
    {
        var command = database.CreateCommand(sql);
        command.CommandTimeout = 0;
        return command;
    }

    private static (string Name, string Key) Of<TRow>(Table<TRow> table) => (table.Name, table.Key.Name);

    private static string Text(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? "null" : reader.GetString(ordinal);

    private async Task AddReceipts(int? portfolioId, List<Difference> differences, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await foreach (var (sequence, problem) in ReceiptFaults.Read(connection, portfolioId, cancel))
            differences.Add(new Difference("command_receipt", sequence, problem, "a receipt", "nothing"));
    }

    // A row whose portfolio the log does not know is in no slice, and can only be wrong.
    private async Task AddStrangers(
        (string Name, string Key) table, List<Difference> differences, CancellationToken cancel)
    {
        await using var command = Command(
            $"""
            SELECT {table.Key} FROM {table.Name} t
            WHERE NOT EXISTS (SELECT FROM ledger.portfolio_event e WHERE e.portfolio_id = t.portfolio_id)
            """);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            differences.Add(new Difference(table.Name, reader.GetInt32(0), "", "a row", "nothing"));
    }
}
