using System.Globalization;
using System.Net;
using Bifrost.Harness;

namespace Bifrost.Scenario.Tests;

/// <summary>Trades real bars over HTTP by a fixed rule, and keeps a book of its own of what it did.</summary>
public sealed class Trader(ApiClient api, string method, int seed)
{
    // The bars are of the shares of today throughout: these are days of splits, and prices do not follow.
    private static readonly (string, DateTimeOffset, int)[] Splits =
    [
        ("ORCL", new(2000, 10, 13, 0, 0, 0, TimeSpan.Zero), 2),
        ("NVDA", new(2006, 4, 7, 0, 0, 0, TimeSpan.Zero), 3),
        ("KO", new(2012, 8, 13, 0, 0, 0, TimeSpan.Zero), 2),
    ];

    private readonly Random chance = new(seed);
    private int executions;

    public ShareByShare Book { get; } = new(method);

    public int PortfolioId { get; private set; }

    public int Orders { get; private set; }

    public async Task Run(IReadOnlyList<Bar> bars)
    {
        PortfolioId = await api.OpenPortfolio(0, method);
        await Fund("DEPOSIT", 500_000m, bars[0].Day);
        var ahead = new Queue<(string Symbol, DateTimeOffset From, int ShareBecomes)>(Splits);
        foreach (var bar in bars)
        {
            if (ahead.TryPeek(out var split) && bar.Symbol == split.Symbol && bar.Day >= split.From)
                await Split(ahead.Dequeue(), bar.Day);
            if (chance.Next(100) < 6)
                await Trade(bar);
            if (bar.Day.Day <= 2 && bar.Day.Month % 3 == 0 && Book.Quantity(bar.Symbol) > 0)
                await Fund("DIVIDEND", Book.Quantity(bar.Symbol) * 0.14m, bar.Day, bar.Symbol);
        }
        await Fund("DEPOSIT", 12_345.67m, bars[^1].Day);
        await Fund("WITHDRAWAL", 23_456.78m, bars[^1].Day);
        await Fund("INTEREST", 3.21m, bars[^1].Day);
        await Fund("FEE", 25m, bars[^1].Day);
    }

    // Buys and sells take turns by chance; now and then everything goes, which ends a round trip.
    private Task Trade(Bar bar)
    {
        var held = Book.Quantity(bar.Symbol);
        var quantity = chance.Next(1, 80);
        var price = chance.Next(2) == 0 ? bar.Close : bar.Low;
        if (held == 0 || (chance.Next(100) < 52 && Book.Cash > quantity * bar.High + 100))
            return Order(bar, "BUY", quantity, price, null);
        var sold = chance.Next(8) == 0 ? held : Math.Min(held, quantity);
        return Order(bar, "SELL", sold, price, method == "SPECIFIC" ? Pick(bar.Symbol, sold) : null);
    }

    // The newest half of a lot first, then the next lot: nothing that another method would choose.
    private Dictionary<int, int> Pick(string symbol, int quantity)
    {
        var picks = new Dictionary<int, int>();
        var lots = Book.Lots(symbol).OrderByDescending(lot => lot.Key % 7).ThenBy(lot => lot.Key).ToList();
        foreach (var share in new[] { 2, 1 })
        {
            foreach (var (lot, held) in lots)
            {
                var left = held - picks.GetValueOrDefault(lot);
                var taken = Math.Min(quantity, share == 2 ? (left + 1) / 2 : left);
                quantity -= taken;
                if (taken > 0)
                    picks[lot] = picks.GetValueOrDefault(lot) + taken;
            }
        }
        return picks;
    }

    private async Task Order(Bar bar, string side, int quantity, decimal price, Dictionary<int, int>? picks)
    {
        var lots = picks?.Select(pick => new { lotId = pick.Key, quantity = pick.Value }).ToArray();
        var placed = await api.Post($"/api/portfolios/{PortfolioId}/orders", new
        {
            symbol = bar.Symbol, side, type = "LIMIT", quantity, limitPrice = Text(price), lots, occurredAt = bar.Day,
        });
        var orderId = placed.Expect(HttpStatusCode.Created).Id("orderId");
        Orders++;
        for (var left = quantity; left > 0;)
        {
            // Named lots are used up in the order they were named, fill by fill.
            var filled = chance.Next(3) == 0 ? left : chance.Next(1, left + 1);
            await Execute(orderId, bar, side, filled, price, Take(picks, filled));
            left -= filled;
        }
    }

    private async Task Execute(
        int orderId, Bar bar, string side, int quantity, decimal price, Dictionary<int, int>? lots)
    {
        var (commission, tax) = (0.35m + 0.005m * quantity, side == "SELL" ? 0.0123m : 0m);
        var executed = await api.Post($"/api/orders/{orderId}/executions", new
        {
            executionId = $"X-{++executions}", quantity, price = Text(price), commission, tax, venue = "XNYS",
            executedAt = bar.Day,
        });
        var transactionId = executed.Expect(HttpStatusCode.Created).Id("transactionId");
        if (side == "BUY")
            Book.Buy(transactionId, bar.Symbol, quantity, price, commission + tax);
        else
            Book.Sell(bar.Symbol, quantity, price, commission + tax, lots);
    }

    private static Dictionary<int, int>? Take(Dictionary<int, int>? picks, int quantity)
    {
        if (picks is null)
            return null;
        var taken = new Dictionary<int, int>();
        foreach (var (lot, shares) in picks.ToList())
        {
            var part = Math.Min(shares, quantity);
            quantity -= part;
            picks[lot] = shares - part;
            if (part > 0)
                taken[lot] = part;
        }
        return taken;
    }

    private async Task Split((string Symbol, DateTimeOffset From, int ShareBecomes) split, DateTimeOffset day)
    {
        var recorded = await api.Post($"/api/portfolios/{PortfolioId}/corporate-actions", new
        {
            type = "SPLIT", symbol = split.Symbol, numerator = split.ShareBecomes, denominator = 1, effectiveAt = day,
        });
        recorded.Expect(HttpStatusCode.Created);
        Book.Split(split.Symbol, split.ShareBecomes);
    }

    private async Task Fund(string type, decimal amount, DateTimeOffset day, string? symbol = null)
    {
        var funded = await api.Post(
            $"/api/portfolios/{PortfolioId}/funding", new { type, amount, symbol, occurredAt = day });
        funded.Expect(HttpStatusCode.Created);
        Book.Move(type is "WITHDRAWAL" or "FEE" ? -amount : amount);
    }

    private static string Text(decimal price) => price.ToString(CultureInfo.InvariantCulture);
}
