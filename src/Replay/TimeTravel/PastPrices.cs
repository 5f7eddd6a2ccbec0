using Bifrost.Domain;
using Npgsql;

namespace Bifrost.Replay.TimeTravel;

/// <summary>A price that bars told at a moment.</summary>
/// <param name="At">When its bar began.</param>
/// <param name="Until">When that ended.</param>
public readonly record struct PastPrice(decimal Price, DateTimeOffset At, DateTimeOffset Until);

/// <summary>Prices, and rates of currencies, as bars tell them of a moment.</summary>
public sealed class PastPrices(NpgsqlDataSource database)
{
    private const string Sql =
        """
        SELECT symbol, price, price_at, ledger.bar_end(price_at, bar_interval) FROM market_prices_of($1, $2, $3, $4)
        """;

    /// <param name="until">The moment.</param>
    /// <param name="known">Only bars that had been recorded by then.</param>
    /// <param name="onlyEnded">Whether a bar counts from its end on.</param>
    public async Task<Dictionary<string, PastPrice>> Read(
        IEnumerable<string> symbols,
        DateTimeOffset until,
        DateTimeOffset known,
        bool onlyEnded,
        CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<string[]>
        {
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Varchar,
            TypedValue = [.. symbols],
        });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = until.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = known.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = onlyEnded });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var prices = new Dictionary<string, PastPrice>();
        while (await reader.ReadAsync(cancel))
        {
            prices.Add(
                reader.GetString(0),
                new PastPrice(
                    reader.GetDecimal(1),
                    reader.GetFieldValue<DateTimeOffset>(2),
                    reader.GetFieldValue<DateTimeOffset>(3)));
        }
        return prices;
    }

    /// <summary>The rate of a currency at a moment; null where no bar of the pair tells it.</summary>
    public async Task<Rate?> RateOf(string from, string to, DateTimeOffset at, CancellationToken cancel = default) =>
        Rate(from, to, await Read(PairNames(from, to), at, DateTimeOffset.MaxValue, onlyEnded: false, cancel));

    /// <summary>All names of a pair of currencies and of its inverse.</summary>
    internal static IEnumerable<string> PairNames(string from, string to) =>
        CurrencyPairs.Names(from, to).Concat(CurrencyPairs.Names(to, from));

    internal static Rate? Rate(string from, string to, Dictionary<string, PastPrice> prices) => CurrencyPairs.Choose(
        from, to, name => prices.TryGetValue(name, out var told) ? (told.Price, told.At) : null);
}
