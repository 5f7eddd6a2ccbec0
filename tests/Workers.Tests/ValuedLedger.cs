using Bifrost.Domain;
using Bifrost.Domain.Orders;
using Bifrost.Grains;
using Bifrost.MarketData;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Ingestion;
using Bifrost.Projections;
using Bifrost.Replay.Verifying;
using Bifrost.Workers.Prices;
using Npgsql;

namespace Bifrost.Workers.Tests;

/// <summary>A ledger and a market in one database.</summary>
public sealed class ValuedLedger : IAsyncLifetime
{
    private readonly TwoLedgers ledgers = new();
    private NpgsqlDataSource? market;

    public Ledger Ledger => ledgers.One;

    public TestDatabase Database => ledgers.Database;

    public NpgsqlDataSource Market => market!;

    public async Task InitializeAsync()
    {
        await ledgers.InitializeAsync();
        market = MarketConnections.Workers(ledgers.Database.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await Market.DisposeAsync();
        await ledgers.DisposeAsync();
    }

    /// <summary>Stores a minute of 2024-03-08 that closes at a price.</summary>
    public Task Tick(string symbol, int minute, decimal price) => new BarWriter(Market).Write(
        new BarBatch(
            [
                new Bar(
                    symbol,
                    new DateTime(2024, 3, 8, 14, minute, 0, DateTimeKind.Utc),
                    new OpenHighLowClose(price, price, price, price),
                    100,
                    AdjClose: null),
            ],
            [],
            [],
            0),
        BarInterval.Min,
        new BarOrigin("ticks", OnPurpose: true));

    public Task<Revalued> Value() => new Valuation(ledgers.Reads).Run(0);

    public async Task Fill(int portfolioId, OrderSide side, string symbol, decimal quantity, decimal price)
    {
        var answer = await Ledger.Do(portfolioId, new RecordExecution
        {
            ExecutionId = $"{Guid.NewGuid()}", Symbol = symbol, Side = side, Quantity = quantity, Price = price,
        });
        answer.Rejection.ShouldBeNull();
    }

    /// <summary>What a holding says of its value, as PostgreSQL writes it.</summary>
    public Task<string> Holding(int portfolioId, string symbol) => Database.Query<string>(
        $"""
        SELECT (trim_scale(current_price), market_value, unrealized_pnl, unrealized_pnl_percent,
                to_char(price_at AT TIME ZONE 'UTC', 'HH24:MI'))::text
        FROM holding WHERE portfolio_id = {portfolioId} AND symbol = '{symbol}'
        """);

    public Task<decimal> Worth(int portfolioId) =>
        Database.Query<decimal>($"SELECT current_value FROM portfolio WHERE portfolio_id = {portfolioId}");

    public async Task<IReadOnlyList<Difference>> Differences(int? portfolioId = null) =>
        (await new Verification(ledgers.Reads).Run(portfolioId)).Differences;
}
