using Bifrost.Projections;
using Bifrost.Projections.Holdings;
using Npgsql;

namespace Bifrost.Replay.Verifying;

/// <summary>
/// Takes the prices that live holdings are valued with over into replayed ones, after seeing that the market had them:
/// a mark does not follow from the log, and everything that is computed with it does.
/// </summary>
internal static class Marks
{
    private const string Sql =
        """
        SELECT holding_id, price, price_at FROM ledger.holding_mark
        WHERE portfolio_id = ANY ($1) AND price IS NOT NULL
        """;

    public static async Task Take(
        NpgsqlConnection connection, RowChanges replayed, int[] portfolioIds, CancellationToken cancel)
    {
        var marks = await Read(connection, portfolioIds, cancel);
        var values = new Dictionary<int, decimal>();
        foreach (var (id, row) in replayed.Holdings.Rows.ToList())
        {
            var marked = marks.TryGetValue(id, out var mark) ? row with { Mark = mark } : row;
            replayed.Holdings.Set(id, marked);
            values[row.PortfolioId] = values.GetValueOrDefault(row.PortfolioId) + marked.MarketValue;
        }
        foreach (var (id, row) in replayed.Portfolios.Rows.ToList())
            replayed.Portfolios.Set(id, row with { HoldingsValue = values.GetValueOrDefault(id) });
    }

    private static async Task<Dictionary<int, PriceMark>> Read(
        NpgsqlConnection connection, int[] portfolioIds, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = portfolioIds });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var marks = new Dictionary<int, PriceMark>();
        while (await reader.ReadAsync(cancel))
        {
            marks.Add(
                reader.GetInt32(0), new PriceMark(reader.GetDecimal(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }
        return marks;
    }
}
