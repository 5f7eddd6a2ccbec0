using Bifrost.Domain;
using Bifrost.Domain.Orders;
using Bifrost.Harness;
using Npgsql;

namespace Bifrost.Grains.Tests;

public sealed class LifecycleTests(TwoLedgers two) : IClassFixture<TwoLedgers>
{
    [Fact]
    public async Task an_order_that_ended_is_read_from_its_stream_when_it_is_asked_for()
    {
        var portfolio = await two.One.OpenPortfolio(cash: 1_000m);
        var order = await two.One.Do(portfolio, Orders.Buy("ORCL", 10m, 5m));
        var first = await two.One.Do(portfolio, Orders.Execution(order, "X-1", 10m, 5m));

        var repeated = await two.One.Do(portfolio, Orders.Execution(order, "X-1", 10m, 5m));
        var changed = await two.One.Do(portfolio, Orders.Execution(order, "X-1", 9m, 5m));
        var late = await two.One.Do(portfolio, Orders.Execution(order, "X-2", 1m, 5m));

        repeated.Effect.TransactionId.ShouldBe(first.Effect.TransactionId);
        changed.Rejection!.Code.ShouldBe(RejectionCode.ExecutionIdReused);
        (late.Effect.Status, late.Effect.Overfilled).ShouldBe(("FILLED", true));
    }

    [Fact]
    public async Task a_bust_after_the_order_ended_leaves_what_would_be_without_it()
    {
        var portfolio = await two.One.OpenPortfolio(cash: 1_000m);
        var order = await two.One.Do(portfolio, Orders.Buy("KO", 10m, 5m));
        await two.One.Do(portfolio, Orders.Execution(order, "X-1", 4m, 5m));
        await two.One.Do(portfolio, Orders.Execution(order, "X-2", 6m, 4m));
        var sale = await two.One.Do(portfolio, Orders.Sell("KO", 5m, 6m));
        await two.One.Do(portfolio, Orders.Execution(sale, "X-3", 5m, 6m));

        // Another process takes the first fill back and corrects the sale: it has to read all of this history.
        var busted = await two.Other.Do(
            portfolio, new BustExecution { OrderId = order.Effect.OrderId!.Value, ExecutionId = "X-1" });
        var corrected = await two.One.Do(
            portfolio, new CorrectExecution { OrderId = sale.Effect.OrderId!.Value, ExecutionId = "X-3", Price = 7m });

        busted.Effect.Status.ShouldBe("PARTIALLY_FILLED");
        corrected.Rejection.ShouldBeNull();
        var state = await two.One.Read(portfolio, corrected.PortfolioVersion);
        state!.Holdings["KO"].Quantity.ShouldBe(1m);
        state.Holdings["KO"].Lots.ShouldHaveSingleItem().Cost.ShouldBe(4m + 0.35m / 6m, 0.000000000001m);
        state.Cash.ShouldBe(1_000m - 24.35m + 34.65m);
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task an_idle_grain_leaves_memory_and_comes_back()
    {
        await using var ledger = await TwoLedgers.Open(
            two.Database.ConnectionString, idleTime: TimeSpan.FromMilliseconds(100));
        var portfolio = await ledger.OpenPortfolio(cash: 10m);
        await Retired(ledger);

        (await ledger.Deposit(portfolio, 5m)).PortfolioVersion.ShouldBe(3);

        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task commands_that_come_together_to_a_grain_that_was_retired_are_all_answered_once()
    {
        await using var ledger = await TwoLedgers.Open(
            two.Database.ConnectionString, idleTime: TimeSpan.FromMilliseconds(100));
        var portfolio = await ledger.OpenPortfolio();
        var versions = new List<long>();

        for (var round = 0; round < 5; round++)
        {
            await Retired(ledger);
            var burst = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ledger.Deposit(portfolio, 1m)));
            versions.AddRange(burst.Select(answer => answer.PortfolioVersion).Order());
        }

        versions.ShouldBe(Enumerable.Range(2, 40).Select(version => (long)version));
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task a_process_that_has_just_started_takes_commands_to_hundreds_of_portfolios_at_once()
    {
        var portfolios = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => two.One.OpenPortfolio()));
        await using var started = await TwoLedgers.Open(two.Database.ConnectionString);

        var answers = await Task.WhenAll(portfolios.Select(portfolio => started.Deposit(portfolio, 1m)));

        answers.ShouldAllBe(answer => answer.Rejection == null && answer.PortfolioVersion == 2);
    }

    [Fact]
    public async Task a_history_that_cannot_be_folded_stops_its_portfolio_and_no_other()
    {
        var (sick, well) = (await two.One.OpenPortfolio(cash: 1m), await two.One.OpenPortfolio(cash: 1m));
        await Tamper($"UPDATE events.mt_events SET type = 'from_the_future' WHERE stream_id = 'funding-{sick}'");
        await using var ledger = await TwoLedgers.Open(two.Database.ConnectionString);

        var failure = await Should.ThrowAsync<PortfolioStoppedException>(() => ledger.Deposit(sick, 1m));
        (await ledger.Deposit(well, 1m)).Rejection.ShouldBeNull();

        failure.Message.ShouldContain("from_the_future");
        ledger.StoppedPortfolios.Keys.ShouldBe([sick]);
        await Tamper($"UPDATE events.mt_events SET type = 'cash_deposited' WHERE stream_id = 'funding-{sick}'");
        (await ledger.Deposit(sick, 1m)).Rejection.ShouldBeNull();
        ledger.StoppedPortfolios.ShouldBeEmpty();
        await two.ShouldEqualItsReplay();
    }

    private static Task Retired(Ledger ledger) => Eventually.Is(
        () => Task.FromResult(ledger.ActiveGrains == 0), TimeSpan.FromSeconds(60), () => "It stays in memory.");

    private async Task Tamper(string sql)
    {
        await using var superuser = new NpgsqlConnection(two.Database.SuperuserConnectionString);
        await superuser.OpenAsync();
        await using var command = new NpgsqlCommand($"SET session_replication_role = replica; {sql}", superuser);
        (await command.ExecuteNonQueryAsync()).ShouldBeGreaterThan(0);
    }
}
