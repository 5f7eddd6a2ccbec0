using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Bifrost.Grains;
using Bifrost.Projections;
using Bifrost.Replay.Rebuilding;
using Bifrost.Replay.Verifying;
using Xunit;
using static Bifrost.Harness.Orders;

namespace Bifrost.Harness;

/// <summary>A ledger in which something of everything happened, so that every projected table has rows.</summary>
public sealed class TradedLedger : IAsyncLifetime
{
    private readonly TwoLedgers ledgers = new();

    /// <summary>Has orders of every kind, open and closed round trips, and amended executions.</summary>
    public int Busy { get; private set; }

    /// <summary>Has sold all that it bought.</summary>
    public int Flat { get; private set; }

    /// <summary>Has sold what it did not have.</summary>
    public int ShortSeller { get; private set; }

    /// <summary>Nothing happened in it, in another currency and by another user.</summary>
    public int Idle { get; private set; }

    public TestDatabase Database => ledgers.Database;

    public Ledger Ledger => ledgers.One;

    public Npgsql.NpgsqlDataSource Reads => ledgers.Reads;

    public Npgsql.NpgsqlDataSource Rebuilds => ledgers.Rebuilds;

    public async Task InitializeAsync()
    {
        await ledgers.InitializeAsync();
        await MakeBusy();
        await MakeFlat();
        await MakeShort();
        Idle = await Open(userId: 2, "EUR", LotMethod.FIFO, allowShort: false);
        // What the tables were before a test changed them.
        await Execute("CREATE SCHEMA before");
        foreach (var table in ProjectedTable.All)
            await Execute($"CREATE TABLE before.{table.Name} AS TABLE {table.Name}");
    }

    public Task DisposeAsync() => ledgers.DisposeAsync();

    public Task<Rebuilt> Rebuild(int? portfolioId = null) => new Rebuild(ledgers.Rebuilds).Run(portfolioId);

    public Task<Verified> Verify(int? portfolioId = null, Action<Verified>? progress = null) =>
        new Verification(ledgers.Reads).Run(portfolioId, progress);

    /// <summary>Changes tables behind the ledger's back, finds what differs, and changes them back.</summary>
    public async Task<IReadOnlyList<Difference>> DifferencesAfter(string change, string undo)
    {
        await Execute(change);
        try
        {
            return (await Verify()).Differences;
        }
        finally
        {
            await Execute(undo);
        }
    }

    public async Task Execute(string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection(Database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task MakeBusy()
    {
        Busy = await Open(userId: 1, "USD", LotMethod.FIFO, allowShort: false);
        await Ledger.Deposit(Busy, 10_000m);
        await Ledger.Do(Busy, new MoveCash { Type = FundingType.DIVIDEND, Amount = 12.5m, Symbol = "ORCL" });
        var bought = await Ledger.Do(Busy, Buy("ORCL", 100m, 45.10m) with { ClientOrderId = "C-1" });
        await Ledger.Do(Busy, Execution(bought, "X-1", 60m, 45.08m));
        await Ledger.Do(Busy, Execution(bought, "X-2", 40m, 45.10m));
        var sold = await Ledger.Do(Busy, Sell("ORCL", 70m, 46m));
        await Ledger.Do(Busy, Execution(sold, "X-3", 70m, 46.01m));
        await Ledger.Do(
            Busy, new CorrectExecution { OrderId = sold.Effect.OrderId!.Value, ExecutionId = "X-3", Price = 46.02m });
        await BuyAndSell(Busy, "KO");
        var busted = await Ledger.Do(Busy, Buy("NVDA", 3m, 100m));
        await Ledger.Do(Busy, Execution(busted, "X-4", 1m, 99m));
        await Ledger.Do(Busy, Execution(busted, "X-5", 1m, 98m));
        await Ledger.Do(Busy, new BustExecution { OrderId = busted.Effect.OrderId!.Value, ExecutionId = "X-4" });
        var cancelled = await Ledger.Do(Busy, Buy("KO", 1m, 60m));
        await Ledger.Do(Busy, new CancelOrder { OrderId = cancelled.Effect.OrderId!.Value });
        await Ledger.Do(Busy, Buy("KO", 1_000_000m, 60m));
        await Ledger.Do(Busy, Buy("KO", 2m, 60m));
        await Ledger.Withdraw(Busy, 1_000_000m);
    }

    private async Task MakeFlat()
    {
        Flat = await Open(userId: 1, "USD", LotMethod.HIFO, allowShort: false);
        await Ledger.Deposit(Flat, 1_000m);
        await BuyAndSell(Flat, "ORCL");
    }

    private async Task MakeShort()
    {
        ShortSeller = await Open(userId: 1, "USD", LotMethod.AVERAGE, allowShort: true);
        await Ledger.Deposit(ShortSeller, 5_000m);
        var sold = await Ledger.Do(ShortSeller, Sell("NVDA", 10m, 100m));
        await Ledger.Do(ShortSeller, Execution(sold, "X-1", 10m, 101m));
        await Ledger.Do(ShortSeller, new RecordExecution
        {
            ExecutionId = "B-1", Symbol = "NVDA", Side = OrderSide.BUY, Quantity = 4m, Price = 99m,
        });
    }

    private async Task BuyAndSell(int portfolio, string symbol)
    {
        var bought = await Ledger.Do(portfolio, Buy(symbol, 5m, 60m));
        await Ledger.Do(portfolio, Execution(bought, $"{symbol}-1", 5m, 59.99m));
        var sold = await Ledger.Do(portfolio, Sell(symbol, 5m, 61m));
        await Ledger.Do(portfolio, Execution(sold, $"{symbol}-2", 5m, 61.5m));
    }

    private async Task<int> Open(int userId, string currency, LotMethod method, bool allowShort)
    {
        var id = Ledger.NextPortfolioId();
        var opened = await Ledger.Do(id, new OpenPortfolio
        {
            PortfolioId = id,
            UserId = userId,
            Name = $"Portfolio {id}",
            Currency = Currency.Of(currency),
            LotMethod = method,
            AllowShort = allowShort,
        });
        return opened.Rejection is null ? id : throw new InvalidOperationException(opened.Rejection.Detail);
    }
}
