using Bifrost.Bench.Commands;
using Bifrost.Domain;
using JasperFx;
using Traded = Bifrost.Bench.Commands.Market;

namespace Bifrost.Bench.PlainMarten;

/// <summary>Callers of a program that leaves everything to Marten: a session a command.</summary>
internal sealed class MartenTrader(PlainStore plain) : ITrader
{
    private int lastPortfolio;
    private int lastOrder;
    private int lastTransaction;
    private long repeats;

    /// <summary>Commands that were begun anew, because another had written to the portfolio meanwhile.</summary>
    public long Repeats => Interlocked.Read(ref repeats);

    public async Task<int> OpenPortfolio(string name)
    {
        var portfolioId = Interlocked.Increment(ref lastPortfolio);
        await using var session = plain.Store.LightweightSession();
        session.Events.StartStream<Portfolio>(
            PlainStore.KeyOf(portfolioId),
            new PortfolioOpened(1, name, "USD", LotMethod.FIFO),
            new CashDeposited(Traded.Deposit));
        await session.SaveChangesAsync();
        return portfolioId;
    }

    public async Task<int> Place(int portfolioId, string symbol, OrderSide side, decimal price)
    {
        var orderId = Interlocked.Increment(ref lastOrder);
        await Do(portfolioId, portfolio => portfolio.Place(orderId, symbol, side, Traded.Quantity, price));
        return orderId;
    }

    public async Task Fill(int portfolioId, int orderId, decimal price)
    {
        var transactionId = Interlocked.Increment(ref lastTransaction);
        await Do(portfolioId, portfolio => portfolio.Fill(orderId, transactionId, price, Traded.Commission));
    }

    // Callers share the trader, and the store ends with the scenario.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task Do(int portfolioId, Func<Portfolio, object[]> decide)
    {
        while (true)
        {
            await using var session = plain.Store.LightweightSession();
            var stream = await session.Events.FetchForWriting<Portfolio>(PlainStore.KeyOf(portfolioId));
            stream.AppendMany(decide(stream.Aggregate!));
            try
            {
                await session.SaveChangesAsync();
                return;
            }
            catch (ConcurrencyException)
            {
                Interlocked.Increment(ref repeats);
            }
        }
    }
}
