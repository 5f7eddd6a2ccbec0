using StackExchange.Redis;

namespace Bifrost.MarketData.Prices;

/// <summary>
/// Prices that all processes of a ledger share: one key per symbol, with the price's JSON. While Redis is away nothing
/// is known, and what is put is dropped; the bars have it all and more.
/// </summary>
/// <param name="prefix">What the keys begin with; see <see cref="RedisConnection.PrefixOf"/>.</param>
public sealed class RedisPrices(RedisConnection redis, string prefix) : ILatestPrices
{
    // Redis serves nobody else while a script runs.
    private const int Together = 500;

    // LastPrice.Supersedes, where nobody can come in between. Times are compared as text without their Z, which would
    // come after the decimal point of a longer one. A value that is no price is replaced.
    private const string Replace =
        """
        local rank = { min = 0, hour = 1, day = 2 }
        local kept = {}
        for i, key in ipairs(KEYS) do
            local offered = cjson.decode(ARGV[i])
            local isJson, known = pcall(cjson.decode, redis.call('GET', key) or '')
            local isPrice = isJson and type(known) == 'table' and known.time and rank[known.interval]
            local time = string.sub(offered.time, 1, -2)
            local before = isPrice and string.sub(known.time, 1, -2)
            if not isPrice or time > before
                or (time == before and rank[offered.interval] <= rank[known.interval]) then
                redis.call('SET', key, ARGV[i])
                kept[#kept + 1] = i
            end
        end
        return kept
        """;

    public async ValueTask<IReadOnlyDictionary<string, LastPrice>> Get(
        IReadOnlyCollection<string> symbols, CancellationToken cancel = default)
    {
        var prices = new Dictionary<string, LastPrice>(symbols.Count);
        if (symbols.Count == 0)
            return prices;
        RedisKey[] keys = [.. symbols.Select(Key)];
        foreach (var value in await redis.Try(server => server.StringGetAsync(keys), [], cancel))
        {
            if (!value.IsNull && PriceJson.Read((byte[])value!) is { } price)
                prices[price.Symbol] = price;
        }
        return prices;
    }

    /// <inheritdoc/>
    /// <remarks>While Redis is away nothing is known that would be newer, so all of them are news.</remarks>
    public async Task<IReadOnlyList<LastPrice>> Put(
        IReadOnlyCollection<LastPrice> prices, CancellationToken cancel = default)
    {
        var kept = new List<LastPrice>(prices.Count);
        foreach (var chunk in prices.Chunk(Together))
        {
            var places = await redis.Try(server => Put(server, chunk), null, cancel);
            kept.AddRange(places is null ? chunk : places.Select(place => chunk[place - 1]));
        }
        return kept;
    }

    // Sent whole each time: the client's own way sends a digest only, which a server that was restarted does not know.
    private async Task<int[]?> Put(IDatabase server, LastPrice[] prices)
    {
        var arguments = new List<object>(2 + 2 * prices.Length) { Replace, prices.Length };
        arguments.AddRange(prices.Select(price => (object)Key(price.Symbol)));
        arguments.AddRange(prices.Select(price => (object)(RedisValue)PriceJson.Write(price)));
        return (int[]?)await server.ExecuteAsync("EVAL", arguments);
    }

    private RedisKey Key(string symbol) => $"{prefix}price:{symbol}";
}
