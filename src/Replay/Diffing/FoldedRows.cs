using System.Globalization;
using System.Text.Json;
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
using Bifrost.Replay.Verifying;
using Npgsql;

namespace Bifrost.Replay.Diffing;

/// <summary>
/// The rows that this build folds the log to, as JSON Lines: portfolio by portfolio, and of each its tables in one
/// order and their rows by key. Marks are left out, for they do not follow from the log.
/// </summary>
/// <remarks>Builds are compared by this format, so one that changes it cannot be compared with older ones.</remarks>
public sealed class FoldedRows(NpgsqlDataSource database)
{
    private readonly EventLog log = new(database);

    /// <param name="through">The last sequence that is folded.</param>
    /// <returns>How many portfolios were folded.</returns>
    public async Task<int> Write(Stream stream, long through, CancellationToken cancel = default)
    {
        var (count, verification) = (0, new Verification(database));
        await using var connection = await database.OpenConnectionAsync(cancel);
        foreach (var slice in await verification.FindSlices(0, cancel))
        {
            foreach (var (id, changes, problem) in await Fold(connection, slice, through, cancel))
            {
                count++;
                Write(stream, id, changes);
                if (problem is not null)
                    WriteLine(stream, id, "mt_events", 0, row => row.WriteString("problem", problem));
            }
            await stream.FlushAsync(cancel);
        }
        return count;
    }

    private async Task<List<(int Id, RowChanges Changes, string? Problem)>> Fold(
        NpgsqlConnection connection, int[] ids, long through, CancellationToken cancel)
    {
        var folded = new List<(int Id, RowChanges Changes, string? Problem)>();
        var state = (Portfolio?)null;
        await foreach (var (id, stored, problem) in EventLog.ReadHistories(connection, ids, cancel))
        {
            if (stored?.Sequence > through)
                continue;
            if (folded.Count == 0 || folded[^1].Id != id)
            {
                folded.Add((id, new RowChanges(), null));
                state = null;
            }
            if (folded[^1].Problem is not null)
                continue;
            try
            {
                state = await new PortfolioHistory(log, id).Next(
                    state, stored ?? throw problem!, folded[^1].Changes.Fold);
            }
            catch (EventReadException e)
            {
                folded[^1] = folded[^1] with { Problem = e.Message };
            }
        }
        return folded;
    }

    private static void Write(Stream stream, int id, RowChanges changes)
    {
        Write(stream, id, PortfolioRow.Table, changes.Portfolios);
        Write(stream, id, CashBalanceRow.Table, changes.CashBalances);
        Write(stream, id, HoldingRow.Table, changes.Holdings);
        Write(stream, id, OrderRow.Table, changes.Orders);
        Write(stream, id, TradeRow.Table, changes.Trades);
        Write(stream, id, TransactionRow.Table, changes.Transactions);
        Write(stream, id, FundingRow.Table, changes.Fundings);
    }

    private static void Write<TRow>(Stream stream, int id, Table<TRow> table, Changes<TRow> changes)
        where TRow : class
    {
        var columns = table.Columns.Where(c => c.Role is ColumnRole.Fixed or ColumnRole.Changing).ToList();
        foreach (var (key, folded) in changes.Rows.OrderBy(row => row.Key))
        {
            WriteLine(stream, id, table.Name.Trim('"'), key, row =>
            {
                foreach (var column in columns)
                    row.WriteString(column.Name, Text(column.Value(folded)));
            });
        }
    }

    private static void WriteLine(Stream stream, int id, string table, int key, Action<Utf8JsonWriter> columns)
    {
        using (var line = new Utf8JsonWriter(stream))
        {
            line.WriteStartObject();
            line.WriteNumber("portfolio", id);
            line.WriteString("table", table);
            line.WriteNumber("key", key);
            line.WriteStartObject("row");
            columns(line);
            line.WriteEndObject();
            line.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        decimal number => Domain.Money.Normalize(number).ToString(CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
