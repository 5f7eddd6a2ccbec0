using Bifrost.Domain;

namespace Bifrost.Bench.Commands;

/// <summary>One caller's way to the ledger: it gives a command, and waits for the answer before the next.</summary>
internal interface ITrader : IAsyncDisposable
{
    /// <summary>Opens a portfolio and pays in enough for everything.</summary>
    /// <returns>The portfolio's id.</returns>
    Task<int> OpenPortfolio(string name);

    /// <summary>Places a limit order over <see cref="Market.Quantity"/> shares.</summary>
    /// <returns>The order's id.</returns>
    Task<int> Place(int portfolioId, string symbol, OrderSide side, decimal price);

    /// <summary>Fills an order in full, at its limit.</summary>
    Task Fill(int portfolioId, int orderId, decimal price);
}

/// <summary>What is traded.</summary>
internal static class Market
{
    public const int Quantity = 10;

    public const int Commission = 1;

    /// <summary>More than all callers together can spend on one portfolio.</summary>
    public const int Deposit = 50_000_000;

    public static readonly string[] Symbols =
    [
        "AAPL", "AMZN", "CVX", "DIS", "GOOG", "IBM", "INTC", "JNJ",
        "KO", "META", "MSFT", "NVDA", "ORCL", "PG", "TSLA", "XOM",
    ];

    /// <summary>A price with cents, between 20 and 220.</summary>
    public static decimal Price(Random random) => new(random.Next(2_000, 22_000), 0, 0, isNegative: false, scale: 2);
}

/// <summary>The ledger refused a command of the benchmark, so what was measured is not what was meant.</summary>
internal sealed class RefusedException(string answer) : Exception($"The ledger refused a command: {answer}");
