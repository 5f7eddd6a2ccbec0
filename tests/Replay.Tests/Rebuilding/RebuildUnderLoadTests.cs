using Bifrost.Grains;
using Bifrost.Replay.Rebuilding;

namespace Bifrost.Replay.Tests.Rebuilding;

public sealed class RebuildUnderLoadTests(TwoLedgers ledgers) : IClassFixture<TwoLedgers>
{
    private const int Portfolios = 40;

    [Fact]
    public async Task while_commands_go_on_wrong_rows_are_put_right_and_no_command_fails()
    {
        var portfolios = new List<int>();
        for (var i = 0; i < Portfolios; i++)
            portfolios.Add(await ledgers.One.OpenPortfolio(cash: 1_000_000m));
        using var enough = new CancellationTokenSource();
        var answers = 0;
        var commands = Task.WhenAll(portfolios.Select((portfolio, i) => Task.Run(async () =>
        {
            for (var round = 0; !enough.IsCancellationRequested; round++)
            {
                // Both processes write, now one and now the other.
                var ledger = round % 5 == 0 ? ledgers.Other : ledgers.One;
                (await Trade(ledger, portfolio, i)).ShouldBeTrue();
                Interlocked.Increment(ref answers);
            }
        })));

        for (var round = 0; round < 5; round++)
        {
            var damaged = portfolios[round * 7 % Portfolios];
            await Damage(damaged);
            var rebuilt = await new Rebuild(ledgers.Rebuilds).Run(null);
            rebuilt.Stopped.ShouldBeEmpty();
            rebuilt.Healed.ShouldContain(damaged);
        }
        await enough.CancelAsync();
        await commands;

        answers.ShouldBeGreaterThan(Portfolios);
        await ledgers.ShouldEqualItsReplay();
    }

    private static async Task<bool> Trade(Ledger ledger, int portfolio, int i)
    {
        var placed = await ledger.Do(portfolio, Orders.Buy($"SYM{i % 5}", 10, 20m));
        var filled = await ledger.Do(portfolio, Orders.Execution(placed, "x1", 10, 19.5m));
        var sold = await ledger.Do(portfolio, Orders.Sell($"SYM{i % 5}", 5, 21m));
        var done = await ledger.Do(portfolio, Orders.Execution(sold, "x1", 5, 21.25m));
        return placed.Rejection is null && filled.Rejection is null && sold.Rejection is null && done.Rejection is null;
    }

    private async Task Damage(int portfolio)
    {
        await using var connection = await ledgers.Rebuilds.OpenConnectionAsync();
        await using var damage = new Npgsql.NpgsqlCommand(
            $"""
            UPDATE funding SET amount = amount + 1 WHERE portfolio_id = {portfolio};
            DELETE FROM transaction WHERE transaction_id = (
                SELECT min(transaction_id) FROM transaction WHERE portfolio_id = {portfolio});
            """,
            connection);
        await damage.ExecuteNonQueryAsync();
    }
}
