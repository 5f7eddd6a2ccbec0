using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Instruments;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Prices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.MarketData;

/// <summary>The close of a symbol's latest bar.</summary>
/// <param name="Time">When that bar began: how fresh the price is.</param>
/// <param name="Interval">How long that bar is: min, hour or day.</param>
/// <param name="AgeSeconds">From the bar's beginning until now.</param>
public sealed record PriceView(
    string Symbol, decimal Price, long Volume, DateTime Time, string Interval, long AgeSeconds);

/// <param name="Unknown">Symbols that no bar is known of.</param>
public sealed record LatestPricesView(IReadOnlyList<PriceView> Items, IReadOnlyList<string> Unknown);

internal static class GetLatestPricesRoute
{
    private const int MostSymbols = 1000;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/market-data/latest", Handle)
        .OpenTo(AccessRule.ReadMarket)
        .WithName("GetLatestPrices").WithTags("Market data")
        .WithSummary("Shows the latest price of up to 1,000 symbols, separated by commas").ProducesProblem(400);

    private static async Task<Results<Ok<LatestPricesView>, ProblemHttpResult>> Handle(
        string? symbols,
        ILatestPrices cache,
        LastPrices stored,
        InstrumentCatalog instruments,
        CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var asked = (symbols ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(symbol => check.Symbol("symbols", symbol, instruments)).Distinct().ToList();
        if (asked.Count is 0 or > MostSymbols)
            check.Add("symbols", $"names 1 to {MostSymbols} symbols, separated by commas.");
        if (check.Failed)
            return check.Problem;
        var known = await Prices(asked, cache, stored, cancel);
        var now = DateTime.UtcNow;
        return TypedResults.Ok(new LatestPricesView(
            [.. asked.Where(known.ContainsKey).Select(symbol => ViewOf(known[symbol], now))],
            [.. asked.Where(symbol => !known.ContainsKey(symbol))]));
    }

    // What the cache does not have, because it was away or is new, is with the bars.
    private static async Task<IReadOnlyDictionary<string, LastPrice>> Prices(
        List<string> symbols, ILatestPrices cache, LastPrices stored, CancellationToken cancel)
    {
        var cached = await cache.Get(symbols, cancel);
        var missing = symbols.Where(symbol => !cached.ContainsKey(symbol)).ToList();
        if (missing.Count == 0)
            return cached;
        var found = await stored.Of(missing, cancel);
        await cache.Put([.. found], cancel);
        return cached.Values.Concat(found).ToDictionary(price => price.Symbol);
    }

    private static PriceView ViewOf(LastPrice price, DateTime now) => new(
        price.Symbol,
        price.Price,
        price.Volume,
        price.Time,
        price.Interval.Word(),
        (long)(now - price.Time).TotalSeconds);
}
