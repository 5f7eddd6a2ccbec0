using Bifrost.MarketData.Bars;
using Npgsql;

namespace Bifrost.MarketData.Prices;

/// <summary>The latest prices as they are stored with the bars.</summary>
public sealed class LastPrices(NpgsqlDataSource database)
{
    private const string Sql =
        """
        SELECT symbol, price, volume, time, bar_interval, version FROM market_last_price
        WHERE version > $1 AND ($2::varchar[] IS NULL OR symbol = ANY ($2))
        """;

    /// <summary>The prices that changed after a version, and the latest of their versions.</summary>
    /// <param name="version">0 for all of them; else what an earlier call returned.</param>
    public async Task<(IReadOnlyList<LastPrice> Prices, long Version)> ChangedAfter(
        long version, CancellationToken cancel = default)
    {
        var prices = await Read(version, null, cancel);
        return ([.. prices.Select(p => p.Price)], prices.Count == 0 ? version : prices.Max(p => p.Version));
    }

    public async Task<IReadOnlyList<LastPrice>> Of(
        IReadOnlyCollection<string> symbols, CancellationToken cancel = default) =>
        [.. (await Read(0, [.. symbols], cancel)).Select(p => p.Price)];

    private async Task<List<(LastPrice Price, long Version)>> Read(
        long version, string[]? symbols, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version });
        command.Parameters.Add(new NpgsqlParameter
        {
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Varchar,
            Value = (object?)symbols ?? DBNull.Value,
        });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var prices = new List<(LastPrice Price, long Version)>();
        while (await reader.ReadAsync(cancel))
        {
            var price = new LastPrice(
                reader.GetString(0),
                reader.GetDecimal(1),
                reader.GetInt64(2),
                reader.GetDateTime(3),
                Enum.Parse<BarInterval>(reader.GetString(4), ignoreCase: true));
            prices.Add((price, reader.GetInt64(5)));
        }
        return prices;
    }
}
