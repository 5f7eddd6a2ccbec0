using Bifrost.Domain;
using Bifrost.EventStore;
using Marten;

namespace Bifrost.Grains.Tests;

public sealed class FenceTests(TwoLedgers two) : IClassFixture<TwoLedgers>
{
    [Fact]
    public async Task two_writers_of_one_portfolio_neither_lose_nor_double_a_command()
    {
        const int Callers = 8, Each = 50;
        var portfolio = await two.One.OpenPortfolio();

        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            var ledger = caller % 2 == 0 ? two.One : two.Other;
            var mine = new List<Answer>();
            for (var i = 0; i < Each; i++)
                mine.Add(await ledger.Deposit(portfolio, 1m));
            return mine;
        }));

        var all = answers.SelectMany(mine => mine).ToList();
        all.ShouldAllBe(answer => answer.Rejection == null);
        all.Select(answer => answer.PortfolioVersion).Order()
            .ShouldBe(Enumerable.Range(2, Callers * Each).Select(v => (long)v));
        (await Cash(portfolio)).ShouldBe(Callers * Each);
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task a_withdrawal_that_both_writers_could_pay_is_paid_once()
    {
        for (var round = 0; round < 20; round++)
        {
            var portfolio = await two.One.OpenPortfolio(cash: 100m);
            // Both hold the state in memory before either writes.
            (await two.Other.Withdraw(portfolio, 10m)).Rejection.ShouldBeNull();
            (await two.One.Deposit(portfolio, 10m)).Rejection.ShouldBeNull();

            var answers = await Task.WhenAll(two.One.Withdraw(portfolio, 80m), two.Other.Withdraw(portfolio, 80m));

            answers.Count(answer => answer.Rejection is null).ShouldBe(1);
            answers.Single(answer => answer.Rejection is not null).Rejection!.Code
                .ShouldBe(RejectionCode.InsufficientCash);
            (await Cash(portfolio)).ShouldBe(20m);
        }
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task a_conflict_on_one_portfolio_does_not_fail_the_others()
    {
        var portfolios = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => two.One.OpenPortfolio(cash: 1m)));
        // The first ledger's state of every third portfolio is old from here on.
        foreach (var portfolio in portfolios.Where((_, i) => i % 3 == 0))
            await two.Other.Deposit(portfolio, 1m);

        var answers = await Task.WhenAll(portfolios.Select(portfolio => two.One.Deposit(portfolio, 1m)));

        answers.ShouldAllBe(answer => answer.Rejection == null);
        foreach (var (portfolio, i) in portfolios.Select((portfolio, i) => (portfolio, i)))
            (await Cash(portfolio)).ShouldBe(i % 3 == 0 ? 3m : 2m);
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task an_answer_is_not_given_from_an_old_state()
    {
        var portfolio = await two.One.OpenPortfolio(cash: 200m);
        var bought = await two.One.Do(portfolio, Orders.Buy("ORCL", 10m, 5m));
        // The order is cancelled elsewhere; the first ledger still believes that it works.
        await two.Other.Do(portfolio, new Domain.Orders.CancelOrder { OrderId = bought.Effect.OrderId!.Value });

        var executed = await two.One.Do(portfolio, Orders.Execution(bought, "X-1", 10m, 5m));
        var unknownHere = await two.Other.Do(portfolio, Orders.Buy("ORCL", 10m, 5m));
        var executedHere = await two.One.Do(portfolio, Orders.Execution(unknownHere, "X-2", 10m, 5m));

        (executed.Effect.Status, executed.Effect.AfterEnd).ShouldBe(("CANCELLED", true));
        executedHere.Rejection.ShouldBeNull();
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task an_execution_that_was_amended_elsewhere_is_not_amended_with_a_history_newer_than_the_state()
    {
        var portfolio = await two.One.OpenPortfolio(cash: 100m);
        var bought = await two.One.Do(portfolio, Orders.Buy("ORCL", 10m, 5m));
        await two.One.Do(portfolio, Orders.Execution(bought, "X-1", 5m, 5m));
        // The other ledger has the execution in memory, and does not learn that it was busted.
        await two.Other.Deposit(portfolio, 1m);
        var bust = new Domain.Orders.BustExecution { OrderId = bought.Effect.OrderId!.Value, ExecutionId = "X-1" };
        var first = await two.One.Do(portfolio, bust);

        var again = await two.Other.Do(portfolio, bust);

        (again.Rejection, again.PortfolioVersion, again.Sequence)
            .ShouldBe((null, first.PortfolioVersion, first.Sequence));
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task an_execution_that_is_known_elsewhere_only_is_amended_here()
    {
        var portfolio = await two.One.OpenPortfolio(cash: 100m);
        var first = await two.One.Do(portfolio, Orders.Buy("ORCL", 1m, 5m));
        await two.One.Do(portfolio, Orders.Execution(first, "X-1", 1m, 5m));
        await two.Other.Deposit(portfolio, 1m);
        var bought = await two.One.Do(portfolio, Orders.Buy("ORCL", 10m, 5m));
        await two.One.Do(portfolio, Orders.Execution(bought, "X-2", 10m, 5m));

        var corrected = await two.Other.Do(portfolio, new Domain.Orders.CorrectExecution
        {
            OrderId = bought.Effect.OrderId!.Value, ExecutionId = "X-2", Price = 4m,
        });

        corrected.Rejection.ShouldBeNull();
        // Each execution cost 0.35 beside its price.
        (await Cash(portfolio)).ShouldBe(55.3m);
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task one_key_used_in_two_processes_at_once_is_applied_once()
    {
        for (var round = 0; round < 20; round++)
        {
            var portfolio = await two.One.OpenPortfolio();
            var key = $"{Guid.NewGuid()}";

            var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
                (i % 2 == 0 ? two.One : two.Other).Deposit(portfolio, 5m, key)));

            answers.Select(answer => (answer.PortfolioVersion, answer.Sequence, answer.Effect.FundingId)).Distinct()
                .ShouldHaveSingleItem();
            answers.Count(answer => !answer.IsReplayed).ShouldBe(1);
            (await Cash(portfolio)).ShouldBe(5m);
        }
    }

    [Fact]
    public async Task sequences_become_visible_in_order()
    {
        var portfolios = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => two.One.OpenPortfolio()));
        var writing = Task.WhenAll(portfolios.Select(async (portfolio, i) =>
        {
            for (var n = 0; n < 40; n++)
                await (i % 2 == 0 ? two.One : two.Other).Deposit(portfolio, 1m);
        }));

        // A reader that follows the end of the log must never find an event behind it.
        var seen = new List<long>();
        do
            seen.AddRange(await ReadAfter(seen.LastOrDefault(), 100));
        while (!writing.IsCompleted);
        seen.AddRange(await ReadAfter(seen[^1], int.MaxValue));

        var all = await two.Database.Query<long[]>("SELECT array_agg(seq_id ORDER BY seq_id) FROM events.mt_events");
        seen.ShouldBe(all);
    }

    private async Task<IReadOnlyList<long>> ReadAfter(long sequence, int limit)
    {
        await using var session = LedgerStore.Of(two.Reads).QuerySession();
        return await session.Events.QueryAllRawEvents().Where(e => e.Sequence > sequence)
            .OrderBy(e => e.Sequence).Take(limit).Select(e => e.Sequence).ToListAsync();
    }

    private Task<decimal> Cash(int portfolio) =>
        two.Database.Query<decimal>($"SELECT cash_balance FROM portfolio WHERE portfolio_id = {portfolio}");
}
