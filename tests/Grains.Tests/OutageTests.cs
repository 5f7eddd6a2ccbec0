using System.Collections.Concurrent;
using Bifrost.Harness;
using Npgsql;

namespace Bifrost.Grains.Tests;

public sealed class OutageTests(TwoLedgers two) : IClassFixture<TwoLedgers>
{
    [Fact]
    public async Task a_commit_whose_reply_is_lost_is_found_and_not_applied_twice()
    {
        await using var proxy = new CuttingProxy(two.Database.ConnectionString);
        await using var ledger = await TwoLedgers.Open(proxy.ConnectionString);
        var portfolio = await ledger.OpenPortfolio(cash: 10m);
        for (var round = 0; round < 10; round++)
        {
            // The commit reaches the database; its reply does not come back.
            proxy.LoseNextReply();

            var answer = await ledger.Deposit(portfolio, 1m);

            answer.Rejection.ShouldBeNull();
            answer.PortfolioVersion.ShouldBe(round + 3);
        }
        proxy.Cuts.ShouldBe(10);
        (await Cash(portfolio)).ShouldBe(20m);
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task connections_killed_under_load_lose_nothing_and_double_nothing()
    {
        var portfolios = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => two.One.OpenPortfolio()));
        var acknowledged = new ConcurrentDictionary<int, int>();
        var load = Task.WhenAll(Enumerable.Range(0, 20).Select(async caller =>
        {
            var portfolio = portfolios[caller % portfolios.Length];
            for (var i = 0; i < 100; i++)
            {
                if (await DepositUntilKnown(portfolio))
                    acknowledged.AddOrUpdate(portfolio, 1, (_, n) => n + 1);
            }
        }));
        var kills = 0;
        while (!load.IsCompleted)
        {
            kills += await KillWriters();
            await Task.WhenAny(load, two.One.Deposit(portfolios[0], 100m));
        }
        await load;

        kills.ShouldBeGreaterThan(0);
        foreach (var portfolio in portfolios)
        {
            var ones = await two.Database.Query<long>(
                $"SELECT count(*) FROM funding WHERE portfolio_id = {portfolio} AND amount = 1");
            ones.ShouldBe(acknowledged[portfolio]);
        }
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task an_unreachable_database_is_told_and_nothing_is_applied()
    {
        await using var proxy = new CuttingProxy(two.Database.ConnectionString);
        await using var ledger = await TwoLedgers.Open(
            proxy.ConnectionString, patience: TimeSpan.FromMilliseconds(200));
        var portfolio = await ledger.OpenPortfolio(cash: 10m);
        proxy.Refuse();

        await Should.ThrowAsync<LedgerUnavailableException>(() => ledger.Deposit(portfolio, 1m));
        proxy.Accept();
        (await ledger.Deposit(portfolio, 2m)).PortfolioVersion.ShouldBe(3);

        (await Cash(portfolio)).ShouldBe(12m);
    }

    [Fact]
    public async Task a_refusal_that_cannot_be_confirmed_is_told_as_an_outage_and_not_left_waiting()
    {
        await using var proxy = new CuttingProxy(two.Database.ConnectionString);
        await using var ledger = await TwoLedgers.Open(
            proxy.ConnectionString, patience: TimeSpan.FromMilliseconds(200));
        var portfolio = await ledger.OpenPortfolio(cash: 10m);
        proxy.Refuse();

        await Should.ThrowAsync<LedgerUnavailableException>(
            () => ledger.Do(portfolio, new Domain.Portfolios.ClosePortfolio()));

        proxy.Accept();
        (await ledger.Do(portfolio, new Domain.Portfolios.ClosePortfolio())).Rejection!.Code
            .ShouldBe(Domain.RejectionCode.PortfolioNotEmpty);
    }

    // What a careful caller does: the same key again until the outcome is known.
    private async Task<bool> DepositUntilKnown(int portfolio)
    {
        var key = $"{Guid.NewGuid()}";
        while (true)
        {
            try
            {
                return (await two.One.Deposit(portfolio, 1m, key)).Rejection is null;
            }
            catch (LedgerUnavailableException)
            {
                continue;
            }
        }
    }

    private async Task<int> KillWriters()
    {
        await using var superuser = new NpgsqlConnection(TestPostgres.In(TestPostgres.Superuser, "postgres"));
        await superuser.OpenAsync();
        await using var kill = new NpgsqlCommand(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            + "WHERE datname = $1 AND application_name = 'bifrost writer'",
            superuser);
        kill.Parameters.Add(new NpgsqlParameter<string> { TypedValue = two.Database.Name });
        return (int)(long)(await kill.ExecuteScalarAsync())!;
    }

    private Task<decimal> Cash(int portfolio) =>
        two.Database.Query<decimal>($"SELECT cash_balance FROM portfolio WHERE portfolio_id = {portfolio}");
}
