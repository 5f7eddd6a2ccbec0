using Npgsql;

namespace Bifrost.Cluster.Tests;

/// <summary>A node that is asked to leave ends what it has begun, however long within the time of grace.</summary>
public sealed class DrainTests : IAsyncLifetime
{
    // Longer than the library of command lines would wait by itself before it ends the process.
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string home = Directory.CreateTempSubdirectory("bifrost-drain-").FullName;
    private readonly TestDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public async Task DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task a_command_that_waits_for_the_database_is_answered_before_the_node_ends()
    {
        await using var node = NodeProcess.Start(database.ConnectionString, $"drain-{Guid.NewGuid():N}", home);
        await node.BecomeReady();
        using var depositors = new Depositors(node.Url);
        var portfolio = (await depositors.Open(1)).Single();
        await using var owner = NpgsqlDataSource.Create(database.ConnectionString);
        await using var holding = await owner.OpenConnectionAsync();
        await using var held = await holding.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("LOCK TABLE cash_balance", holding))
            await take.ExecuteNonQueryAsync();

        var deposit = depositors.Deposit(portfolio, first: 0);
        await HeldJob.WaitFor(owner, holding);
        var leaving = node.Leave();
        // How long the command is held is what is tried, not a time to wait for something.
        using (var stall = new PeriodicTimer(Stall))
            await stall.WaitForNextTickAsync();
        await held.RollbackAsync();

        (await leaving).ShouldBe(0, node.Said);
        await deposit.WaitAsync(Patience);
        depositors.Repeats.ShouldBe(0);
    }
}
