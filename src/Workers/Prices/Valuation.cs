using Npgsql;

namespace Bifrost.Workers.Prices;

/// <summary>What a valuation changed.</summary>
public readonly record struct Revalued(int Portfolios, long Holdings)
{
    public static Revalued operator +(Revalued a, Revalued b) =>
        new(a.Portfolios + b.Portfolios, a.Holdings + b.Holdings);
}

/// <summary>Marks holdings with the latest prices of the market, and sums up the portfolios that have them.</summary>
public sealed class Valuation(NpgsqlDataSource database)
{
    // A commit of the ledger that meets one of these portfolios waits for as long as some of them take, so few go at
    // once.
    private const int PortfoliosAtOnce = 50;

    private const string Behind =
        """
        SELECT DISTINCT h.portfolio_id
        FROM market_last_price p JOIN holding h ON h.symbol = p.symbol
        WHERE p.version > $1 AND h.quantity <> 0
          AND (h.price_at IS DISTINCT FROM p.time
              OR h.current_price <> ledger.marked(p.price, p.time, p.bar_interval, h.splits))
        UNION
        SELECT c.portfolio_id
        FROM cash_balance c JOIN portfolio t USING (portfolio_id)
        WHERE c.reserved IS NOT NULL
          AND EXISTS (SELECT FROM market_last_price p WHERE p.version > $1 AND p.symbol = ANY (
              ledger.pair_names(c.currency, t.currency) || ledger.pair_names(t.currency, c.currency)))
          AND t.current_value IS DISTINCT FROM t.cash_balance + ledger.worth_of(t.portfolio_id)
        ORDER BY 1
        """;

    // The order of the locks is that of the ledger's commits: portfolios, by their id, and then what they hold.
    private const string Lock =
        "SELECT FROM portfolio WHERE portfolio_id = ANY ($1) ORDER BY portfolio_id FOR NO KEY UPDATE";

    private const string MarkHoldings =
        """
        UPDATE holding h
        SET current_price = ledger.marked(p.price, p.time, p.bar_interval, h.splits), price_at = p.time
        FROM market_last_price p
        WHERE h.portfolio_id = ANY ($1) AND p.symbol = h.symbol AND h.quantity <> 0
          AND (h.price_at IS DISTINCT FROM p.time
              OR h.current_price <> ledger.marked(p.price, p.time, p.bar_interval, h.splits))
        """;

    private const string SumUp =
        """
        UPDATE portfolio t
        SET current_value = t.cash_balance + CASE
            WHEN EXISTS (SELECT FROM cash_balance c WHERE c.portfolio_id = t.portfolio_id AND c.reserved IS NOT NULL)
            THEN ledger.worth_of(t.portfolio_id)
            ELSE coalesce((SELECT sum(h.market_value) FROM holding h WHERE h.portfolio_id = t.portfolio_id), 0) END
        WHERE t.portfolio_id = ANY ($1)
        """;

    /// <summary>Marks what is behind prices later than <paramref name="version"/>; 0 looks at all of them.</summary>
    public async Task<Revalued> Run(long version, CancellationToken cancel = default)
    {
        var done = default(Revalued);
        foreach (var some in (await PortfoliosBehind(version, cancel)).Chunk(PortfoliosAtOnce))
            done += new Revalued(some.Length, await Mark(some, cancel));
        return done;
    }

    private async Task<List<int>> PortfoliosBehind(long version, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Behind);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var behind = new List<int>();
        while (await reader.ReadAsync(cancel))
            behind.Add(reader.GetInt32(0));
        return behind;
    }

    // One round trip and one transaction; each statement sees what was committed before the locks were had.
    private async Task<long> Mark(int[] portfolios, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var statements = new NpgsqlBatch(connection);
        foreach (var sql in new[] { Lock, MarkHoldings, SumUp })
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = portfolios });
            statements.BatchCommands.Add(command);
        }
        await statements.ExecuteNonQueryAsync(cancel);
        return statements.BatchCommands[1].RecordsAffected;
    }
}
