using Bifrost.Replay.Verifying;

namespace Bifrost.Replay.Tests;

/// <summary>A log of more portfolios than are read at a time, and commands that come meanwhile.</summary>
public sealed class SliceTests(TwoLedgers ledgers) : IClassFixture<TwoLedgers>
{
    private const int Portfolios = 120;

    [Fact]
    public async Task every_portfolio_is_verified_where_there_are_many_and_commands_go_on()
    {
        var portfolios = new List<int>();
        for (var i = 0; i < Portfolios; i++)
            portfolios.Add(await ledgers.One.OpenPortfolio(cash: 5m));
        var told = new List<long>();
        var verification = new Verification(ledgers.Reads);

        var commands = Task.WhenAll(portfolios.Select(async portfolio =>
        {
            for (var i = 0; i < 10; i++)
                await ledgers.One.Deposit(portfolio, 1m);
        }));
        do
            (await verification.Run(null, value => told.Add(value.Portfolios))).Differences.ShouldBeEmpty();
        while (!commands.IsCompleted);
        await commands;

        told.Take(2).ShouldBe([100L, 120L]);
        var last = portfolios.Max();
        await ledgers.Database.Query<int>($"UPDATE funding SET amount = 2 WHERE portfolio_id = {last} RETURNING 1");
        var found = (await verification.Run(null)).Differences;
        found.Select(difference => (difference.Table, difference.Column)).Distinct()
            .ShouldBe([("funding", "amount")]);
        found.Count.ShouldBe(11);
    }
}
