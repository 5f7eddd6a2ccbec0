using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Portfolios;
using Bifrost.Grains;

namespace Bifrost.Harness;

/// <summary>Commands to a ledger, as short as a test wants them.</summary>
public static class Commanding
{
    public static async Task<int> OpenPortfolio(this Ledger ledger, decimal cash = 0, LotMethod method = LotMethod.FIFO)
    {
        var id = ledger.NextPortfolioId();
        await ledger.Do(id, new OpenPortfolio
        {
            PortfolioId = id, UserId = 1, Name = $"{Guid.NewGuid()}", Currency = Currency.Of("USD"), LotMethod = method,
        });
        if (cash > 0)
            await ledger.Deposit(id, cash);
        return id;
    }

    public static Task<Answer> Deposit(this Ledger ledger, int portfolioId, decimal amount, string? key = null) =>
        ledger.Do(portfolioId, new MoveCash { Type = FundingType.DEPOSIT, Amount = amount }, key);

    public static Task<Answer> Withdraw(this Ledger ledger, int portfolioId, decimal amount) =>
        ledger.Do(portfolioId, new MoveCash { Type = FundingType.WITHDRAWAL, Amount = amount });

    public static Task<Answer> Do(this Ledger ledger, int portfolioId, Command command, string? key = null) =>
        ledger.Execute(new CommandRequest(portfolioId, command, Identity(key)));

    private static CommandIdentity Identity(string? key) => key is null
        ? CommandIdentity.Unrepeatable("tester")
        : new CommandIdentity("tester", [new CommandKey($"key:{key}", RejectionCode.IdempotencyKeyReused)], [1]);
}
