using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Portfolios;
using Bifrost.Grains;
using Bifrost.Harness;
using Bifrost.Projections;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Bifrost.Grains.Tests;

/// <summary>Two ledgers that share nothing but the database, as two processes would.</summary>
public sealed class TwoLedgers : IAsyncLifetime
{
    private readonly List<NpgsqlDataSource> sources = [];

    public TestDatabase Database { get; } = new();

    public Ledger One { get; private set; } = null!;

    public Ledger Other { get; private set; } = null!;

    public NpgsqlDataSource Reads { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        Reads = Keep(LedgerConnections.Readers(Database.ConnectionString));
        (One, Other) = (Open(Database.ConnectionString), Open(Database.ConnectionString));
    }

    public async Task DisposeAsync()
    {
        await One.DisposeAsync();
        await Other.DisposeAsync();
        foreach (var source in sources)
            await source.DisposeAsync();
        await Database.DisposeAsync();
    }

    public Ledger Open(string connectionString, TimeSpan? patience = null, TimeProvider? clock = null) => new(
        Keep(LedgerConnections.Readers(connectionString)),
        Keep(LedgerConnections.Writer(connectionString)),
        NullLogger<Ledger>.Instance,
        clock,
        patience);

    /// <summary>Compares every row with the log, and fails with what differs.</summary>
    public async Task ShouldEqualItsReplay() => (await new Verification(Reads).Run(null)).Differences.ShouldBeEmpty();

    private NpgsqlDataSource Keep(NpgsqlDataSource source)
    {
        sources.Add(source);
        return source;
    }
}

internal static class Commanding
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
