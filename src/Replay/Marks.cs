using Bifrost.Projections;
using Bifrost.Projections.Holdings;
using Npgsql;

namespace Bifrost.Replay;

/// <summary>
/// Takes the prices that live holdings are valued with over into replayed ones, after seeing that the market had them:
/// a mark does not follow from the log, and everything that is computed with it does.
/// </summary>
internal static class Marks
{
    // A mark is founded where the market had the price: as the latest one, which stays known when retention has dropped
    // its bar, or as the close of a bar, or of one that was corrected since. Otherwise what the bar of then says is
    // due.
    private const string Sql =
        """
        SELECT h.holding_id, h.current_price, h.price_at,
               EXISTS (SELECT FROM market_last_price p
                       WHERE p.symbol = h.symbol AND p.time = h.price_at AND p.price = h.current_price)
               OR EXISTS (SELECT FROM market_bar_close b
                          WHERE b.symbol = h.symbol AND b.time = h.price_at AND ledger.price(b.close) = h.current_price)
               OR EXISTS (SELECT FROM market_bar_correction b
                          WHERE b.symbol = h.symbol AND b.time = h.price_at AND ledger.price(b.close) = h.current_price)
               AS is_founded,
               coalesce(
                   (SELECT p.price FROM market_last_price p WHERE p.symbol = h.symbol AND p.time = h.price_at),
                   (SELECT ledger.price(b.close) FROM market_bar_close b
                    WHERE b.symbol = h.symbol AND b.time = h.price_at ORDER BY b.fineness DESC LIMIT 1)
               ) AS close
        FROM holding h
        WHERE h.portfolio_id = ANY ($1) AND h.price_at IS NOT NULL
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
            var (id, isFounded) = (reader.GetInt32(0), reader.GetBoolean(3));
            // Where no bar says anything of that time the mark is that of the latest fill.
            if (isFounded || !reader.IsDBNull(4))
            {
                var price = reader.GetDecimal(isFounded ? 1 : 4);
                marks.Add(id, new PriceMark(price, reader.GetFieldValue<DateTimeOffset>(2)));
            }
        }
        return marks;
    }
}
