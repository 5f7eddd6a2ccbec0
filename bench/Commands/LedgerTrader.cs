using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Bifrost.Grains;

namespace Bifrost.Bench.Commands;

/// <summary>A caller in the ledger's own process.</summary>
internal sealed class LedgerTrader(Ledger ledger) : ITrader
{
    // As long as the hash that the API stores; the ledger compares it and does not look inside.
    private static readonly byte[] Fingerprint = new byte[32];

    public async Task<int> OpenPortfolio(string name)
    {
        var portfolioId = ledger.NextPortfolioId();
        await Give(portfolioId, new OpenPortfolio
        {
            PortfolioId = portfolioId,
            UserId = 1,
            Name = name,
            Currency = Currency.Of("USD"),
            LotMethod = LotMethod.FIFO,
        });
        await Give(portfolioId, new MoveCash { Type = FundingType.DEPOSIT, Amount = Market.Deposit });
        return portfolioId;
    }

    public async Task<int> Place(int portfolioId, string symbol, OrderSide side, decimal price)
    {
        var answer = await Give(portfolioId, new PlaceOrder
        {
            Symbol = symbol,
            Side = side,
            Type = OrderType.LIMIT,
            Quantity = Market.Quantity,
            LimitPrice = price,
        });
        return answer.Effect.OrderId!.Value;
    }

    public async Task Fill(int portfolioId, int orderId, decimal price)
    {
        var fill = new ExecuteOrder
        {
            OrderId = orderId,
            ExecutionId = $"x{orderId}",
            Quantity = Market.Quantity,
            Price = price,
            Commission = Market.Commission,
        };
        await Give(
            portfolioId,
            fill,
            new CommandKey($"external:{portfolioId}:{fill.ExecutionId}", RejectionCode.ExecutionIdReused));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<Answer> Give(int portfolioId, Command command) => Give(
        portfolioId, command, new CommandKey($"key:{Guid.CreateVersion7()}", RejectionCode.IdempotencyKeyReused));

    private async Task<Answer> Give(int portfolioId, Command command, CommandKey key)
    {
        var identity = new CommandIdentity("bench", [key], Fingerprint);
        var answer = await ledger.Execute(new CommandRequest(portfolioId, command, identity));
        return answer.Rejection is null ? answer : throw new RefusedException(answer.Rejection.ToString());
    }
}
