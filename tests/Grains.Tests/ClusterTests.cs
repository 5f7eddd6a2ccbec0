using System.Net;
using Bifrost.Domain;
using Npgsql;
using Orleans.Runtime;

namespace Bifrost.Grains.Tests;

/// <summary>Two nodes of one cluster, in one process.</summary>
public sealed class ClusterTests(TwoLedgers two) : IClassFixture<TwoLedgers>
{
    [Fact]
    public async Task portfolios_are_spread_over_the_nodes_and_any_node_takes_any_command()
    {
        var cluster = new ClusterSettings($"{Guid.NewGuid()}");
        await using var one = await Start(cluster);
        await using var other = await Start(cluster);
        var first = await OpenUntilSpread(one, other);

        var portfolios = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => one.OpenPortfolio(cash: 10m)));
        var answers = await Task.WhenAll(portfolios.Select(portfolio => other.Withdraw(portfolio, 4m)));
        var refused = await Task.WhenAll(portfolios.Select(portfolio => one.Withdraw(portfolio, 7m)));

        answers.ShouldAllBe(answer => answer.Rejection == null && answer.PortfolioVersion == 3);
        refused.ShouldAllBe(answer => answer.Rejection!.Code == RejectionCode.InsufficientCash);
        // Each is in one place.
        (one.ActiveGrains + other.ActiveGrains).ShouldBe(first.Count + 200);
        other.ActiveGrains.ShouldBeInRange(60, 140);
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task a_node_that_leaves_hands_its_portfolios_over_and_no_command_fails()
    {
        var cluster = new ClusterSettings($"{Guid.NewGuid()}");
        await using var one = await Start(cluster);
        var other = await Start(cluster);
        var portfolios = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => one.OpenPortfolio()));
        var leaving = new TaskCompletionSource();
        var load = Task.WhenAll(portfolios.Select(async portfolio =>
        {
            for (var i = 0; i < 20 || !leaving.Task.IsCompleted; i++)
                (await one.Deposit(portfolio, 1m)).PortfolioVersion.ShouldBe(i + 2);
        }));

        await other.DisposeAsync();
        leaving.SetResult();
        await load;

        one.ActiveGrains.ShouldBe(60);
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task a_node_that_was_declared_dead_and_writes_on_is_fenced_by_the_database()
    {
        var cluster = new ClusterSettings($"{Guid.NewGuid()}");
        await using var dead = await Start(cluster);
        var portfolios = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => dead.OpenPortfolio(cash: 1m)));
        await DeclareAllDead(cluster);
        // They know each other, and not the one whose portfolios they take over.
        await using var one = await Start(cluster);
        await using var other = await Start(cluster);

        foreach (var portfolio in portfolios)
            (await one.Deposit(portfolio, 1m)).PortfolioVersion.ShouldBe(3);
        (one.ActiveGrains + other.ActiveGrains).ShouldBe(20);
        dead.ActiveGrains.ShouldBe(20);

        // Both have each portfolio active now, and whoever comes second decided on an old state.
        foreach (var portfolio in portfolios)
        {
            (await dead.Withdraw(portfolio, 2m)).PortfolioVersion.ShouldBe(4);
            (await other.Withdraw(portfolio, 1m)).Rejection!.Code.ShouldBe(RejectionCode.InsufficientCash);
        }
        await two.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task a_stopped_portfolio_is_told_through_another_node_too()
    {
        var cluster = new ClusterSettings($"{Guid.NewGuid()}");
        await using var one = await Start(cluster);
        await using var other = await Start(cluster);
        await OpenUntilSpread(one, other);
        var portfolios = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => two.One.OpenPortfolio(cash: 1m)));
        await Tamper("UPDATE events.mt_events SET type = 'from_the_future' WHERE type = 'cash_deposited' "
            + $"AND stream_id IN ({string.Join(',', portfolios.Select(p => $"'funding-{p}'"))})");

        foreach (var portfolio in portfolios)
        {
            (await Should.ThrowAsync<PortfolioStoppedException>(() => one.Deposit(portfolio, 1m))).Message
                .ShouldContain("from_the_future");
        }
        one.StoppedPortfolios.Count.ShouldBeLessThan(20);
        await Tamper("UPDATE events.mt_events SET type = 'cash_deposited' WHERE type = 'from_the_future'");
    }

    [Fact]
    public async Task nodes_with_one_certificate_are_a_cluster()
    {
        using var certificate = new TestCertificate();
        var cluster = new ClusterSettings($"{Guid.NewGuid()}")
        {
            Certificate = certificate.File,
            CertificatePassword = TestCertificate.Password,
            Address = IPAddress.Loopback,
        };
        await using var one = await Start(cluster);
        await using var other = await Start(cluster);

        foreach (var portfolio in await OpenUntilSpread(one, other))
            (await other.Deposit(portfolio, 1m)).PortfolioVersion.ShouldBe(3);
    }

    [SkippableFact]
    public async Task nodes_meet_in_redis_where_they_are_told_to()
    {
        await using var redis = TestRedis.OrSkip();
        var cluster = new ClusterSettings($"{redis.Prefix}cluster") { Redis = redis.Server };
        await using var one = await Start(cluster);
        await using var other = await Start(cluster);

        var portfolios = await OpenUntilSpread(one, other);

        (one.ActiveGrains + other.ActiveGrains).ShouldBe(portfolios.Count);
    }

    // One learns of the other a moment after that has started, and of its certificate later still.
    private static async Task<List<int>> OpenUntilSpread(Ledger one, Ledger other)
    {
        var portfolios = new List<int>();
        await Eventually.Is(
            async () =>
            {
                portfolios.Add(await one.OpenPortfolio(cash: 1m));
                return one.ActiveGrains > 0 && other.ActiveGrains > 0;
            },
            TimeSpan.FromSeconds(20),
            () => $"All of {portfolios.Count} portfolios are on one node.");
        return portfolios;
    }

    private Task<Ledger> Start(ClusterSettings cluster) =>
        Ledger.Start(new LedgerOptions(two.Database.ConnectionString) { Cluster = cluster });

    private async Task DeclareAllDead(ClusterSettings cluster)
    {
        await using var superuser = new NpgsqlConnection(two.Database.SuperuserConnectionString);
        await superuser.OpenAsync();
        await using var command = new NpgsqlCommand(
            "UPDATE cluster.silo SET status = $2 WHERE deployment_id = $1", superuser)
        {
            Parameters = { new() { Value = cluster.Name }, new() { Value = (int)SiloStatus.Dead } },
        };
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }

    private async Task Tamper(string sql)
    {
        await using var superuser = new NpgsqlConnection(two.Database.SuperuserConnectionString);
        await superuser.OpenAsync();
        await using var command = new NpgsqlCommand($"SET session_replication_role = replica; {sql}", superuser);
        (await command.ExecuteNonQueryAsync()).ShouldBeGreaterThan(0);
    }
}
