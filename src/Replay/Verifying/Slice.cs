using System.Globalization;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Bifrost.Projections;
using Bifrost.Projections.CashBalances;
using Bifrost.Projections.Fundings;
using Bifrost.Projections.Holdings;
using Bifrost.Projections.Orders;
using Bifrost.Projections.Portfolios;
using Bifrost.Projections.Trades;
using Bifrost.Projections.Transactions;
using Bifrost.Replay.TimeTravel;
using Npgsql;

namespace Bifrost.Replay.Verifying;

/// <summary>Some portfolios, verified in one snapshot of the database.</summary>
/// <remarks>
/// Rows that seldom change again are compared while the fold goes on, and those that are right are forgotten, so memory
/// does not grow with the length of a history beyond the keys of its rows.
/// </remarks>
internal sealed class Slice(NpgsqlConnection connection, EventLog log, int[] ids)
{
    private const int MostRows = 20_000;

    private readonly RowChanges changes = new();
    private readonly Comparison<PortfolioRow> portfolios = new(PortfolioRow.Table, _ => false);
    private readonly Comparison<CashBalanceRow> cash = new(CashBalanceRow.Table, _ => false);
    private readonly Comparison<HoldingRow> holdings = new(HoldingRow.Table, _ => false);
    private readonly Comparison<OrderRow> orders = new(OrderRow.Table, row => row.IsSettled);
    private readonly Comparison<TradeRow> trades = new(TradeRow.Table, row => row.IsSettled);
    private readonly Comparison<TransactionRow> transactions = new(TransactionRow.Table, _ => true);
    private readonly Comparison<FundingRow> fundings = new(FundingRow.Table, _ => true);
    private readonly List<Difference> differences = [];
    private int compareAt = MostRows;
    private HashSet<(int Portfolio, long Version)> snapshots = [];

    public long Portfolios { get; private set; }

    public long Events { get; private set; }

    /// <param name="reads">
    /// Another connection in the same snapshot: rows are compared while events are still being read from it.
    /// </param>
    public async Task<IReadOnlyList<Difference>> Verify(NpgsqlConnection reads, CancellationToken cancel)
    {
        await Fold(reads, cancel);
        await Marks.Take(connection, changes, ids, cancel);
        await portfolios.Finish(connection, changes.Portfolios, ids, differences, cancel);
        await cash.Finish(connection, changes.CashBalances, ids, differences, cancel);
        await holdings.Finish(connection, changes.Holdings, ids, differences, cancel);
        await orders.Finish(connection, changes.Orders, ids, differences, cancel);
        await trades.Finish(connection, changes.Trades, ids, differences, cancel);
        await transactions.Finish(connection, changes.Transactions, ids, differences, cancel);
        await fundings.Finish(connection, changes.Fundings, ids, differences, cancel);
        return differences;
    }

    private async Task Fold(NpgsqlConnection reads, CancellationToken cancel)
    {
        snapshots = await SnapshotTable.Find(connection, ids, cancel);
        var (id, broken, state) = (0, false, (Portfolio?)null);
        await foreach (var (portfolioId, stored, problem) in EventLog.ReadHistories(reads, ids, cancel))
        {
            Events++;
            if (portfolioId != id)
                (Portfolios, id, broken, state) = (Portfolios + 1, portfolioId, false, null);
            if (broken)
                continue;
            try
            {
                state = await Next(state, stored ?? throw problem!, id);
                await CompareSettled(cancel);
            }
            catch (EventReadException e)
            {
                // What follows of this portfolio cannot be folded; the others can.
                differences.Add(new Difference(
                    "mt_events", e.Place?.Sequence ?? stored?.Sequence ?? 0, "history", e.Message, "can be folded"));
                broken = true;
            }
        }
    }

    private async ValueTask<Portfolio> Next(Portfolio? state, StoredEvent stored, int id)
    {
        state = await new PortfolioHistory(log, id).Next(state, stored, changes.Fold);
        if (snapshots.Contains((id, state.Version))
            && await SnapshotTable.Agrees(connection, state, CancellationToken.None) is false)
        {
            differences.Add(
                new Difference("portfolio_snapshot", id, $"at version {state.Version}", "another state", "the fold's"));
        }
        return state;
    }

    private async ValueTask CompareSettled(CancellationToken cancel)
    {
        if (Rows < compareAt)
            return;
        await orders.CompareSettled(connection, changes.Orders, cancel);
        await trades.CompareSettled(connection, changes.Trades, cancel);
        await transactions.CompareSettled(connection, changes.Transactions, cancel);
        await fundings.CompareSettled(connection, changes.Fundings, cancel);
        // Rows that may change again, and those that differ, are still there.
        compareAt = Rows + MostRows;
    }

    private int Rows =>
        changes.Orders.Count + changes.Trades.Count + changes.Transactions.Count + changes.Fundings.Count;
}

/// <summary>Compares the rows of one table with what a fold says of them.</summary>
internal sealed class Comparison<TRow>(Table<TRow> table, Func<TRow, bool> isSettled)
    where TRow : class
{
    // The database holds generated columns to those that they come from, which are compared.
    private readonly Column<TRow>[] columns = [.. table.Columns.Where(c => c.Role != ColumnRole.Generated)];
    private readonly HashSet<int> right = [];

    // Rows that differ are kept: a later event may make them what the table has.
    private readonly HashSet<int> looked = [];

    /// <summary>Looks at rows that will seldom change again, and forgets those that are as they should be.</summary>
    public async Task CompareSettled(NpgsqlConnection connection, Changes<TRow> folded, CancellationToken cancel)
    {
        var due = folded.Rows.Where(row => isSettled(row.Value) && !looked.Contains(row.Key)).ToDictionary();
        await using var command = Select(connection, $"{table.Key.Name} = ANY ($1)", [.. due.Keys]);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        looked.UnionWith(due.Keys);
        while (await reader.ReadAsync(cancel))
        {
            var key = reader.GetInt32(0);
            if (Differing(reader, due[key]).Any())
                continue;
            folded.Forget(key);
            looked.Remove(key);
            right.Add(key);
        }
    }

    /// <summary>Compares all rows of the portfolios that were not found right before.</summary>
    public async Task Finish(
        NpgsqlConnection connection,
        Changes<TRow> folded,
        int[] portfolioIds,
        List<Difference> differences,
        CancellationToken cancel)
    {
        var missing = folded.Rows.ToDictionary();
        await using var command = Select(connection, "portfolio_id = ANY ($1)", portfolioIds);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var key = reader.GetInt32(0);
            if (missing.Remove(key, out var row))
                differences.AddRange(Differing(reader, row).Select(i => Of(key, reader, i, row)));
            else if (!right.Remove(key) || folded.TryGet(key, out _))
                differences.Add(new Difference(table.Name, key, "", "a row", "nothing"));
        }
        // A row that was right by its key may be another portfolio's in the table.
        differences.AddRange(missing.Keys.Concat(right.Where(key => !folded.TryGet(key, out _)))
            .Select(key => new Difference(table.Name, key, "", "nothing", "a row")));
    }

    private NpgsqlCommand Select(NpgsqlConnection connection, string where, int[] values)
    {
        var names = string.Join(", ", columns.Select(column => column.Name));
        var command = new NpgsqlCommand($"SELECT {names} FROM {table.Name} WHERE {where}", connection)
        {
            CommandTimeout = 0,
        };
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = values });
        return command;
    }

    private IEnumerable<int> Differing(NpgsqlDataReader reader, TRow row)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].Differs(reader, i, row))
                yield return i;
        }
    }

    private Difference Of(int key, NpgsqlDataReader reader, int i, TRow row) => new(
        table.Name, key, columns[i].Name, Text(columns[i].Read(reader, i)), Text(columns[i].Value(row)));

    // Times with all of their digits: a microsecond is a difference.
    private static string Text(object? value) => value switch
    {
        null => "null",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
