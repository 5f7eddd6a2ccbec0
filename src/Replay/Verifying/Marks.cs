using Bifrost.Projections;
using Bifrost.Projections.Holdings;
using Bifrost.Projections.Portfolios;
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

    // A rate does not follow from the log either.
    private const string Rates =
        """
        SELECT c.portfolio_id, c.currency, ledger.rate_of(c.currency, p.currency)
        FROM cash_balance c JOIN portfolio p USING (portfolio_id)
        WHERE c.portfolio_id = ANY ($1) AND c.reserved IS NOT NULL
        """;

    public static async Task Take(
        NpgsqlConnection connection, RowChanges replayed, int[] portfolioIds, CancellationToken cancel)
    {
        var marks = await Read(connection, portfolioIds, cancel);
        var rates = await ReadRates(connection, portfolioIds, cancel);
        var held = new Dictionary<int, List<HoldingRow>>();
        foreach (var (id, row) in replayed.Holdings.Rows.ToList())
        {
            var marked = marks.TryGetValue(id, out var mark) ? row with { Mark = mark } : row;
            replayed.Holdings.Set(id, marked);
            if (!held.TryGetValue(row.PortfolioId, out var rows))
                held[row.PortfolioId] = rows = [];
            rows.Add(marked);
        }
        foreach (var (id, row) in replayed.Portfolios.Rows.ToList())
        {
            replayed.Portfolios.Set(id, row with
            {
                Worth = PortfolioRow.WorthOf(
                    row.State, held.GetValueOrDefault(id) ?? [], currency => rates.GetValueOrDefault((id, currency))),
            });
        }
    }

    private static async Task<Dictionary<(int Portfolio, string Currency), decimal?>> ReadRates(
        NpgsqlConnection connection, int[] portfolioIds, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Rates, connection);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = portfolioIds });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rates = new Dictionary<(int Portfolio, string Currency), decimal?>();
        while (await reader.ReadAsync(cancel))
            rates[(reader.GetInt32(0), reader.GetString(1))] = reader.IsDBNull(2) ? null : reader.GetDecimal(2);
        return rates;
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
