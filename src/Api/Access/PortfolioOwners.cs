using System.Collections.Concurrent;
using Bifrost.Grains;
using Npgsql;

namespace Bifrost.Api.Access;

/// <summary>Whose a portfolio is. That never changes, so what was read once is kept.</summary>
internal sealed class PortfolioOwners(NpgsqlDataSource database, Ledger ledger)
{
    // Some ten megabytes; a server with more portfolios in use reads some of them again.
    private const int Most = 100_000;

    private const string Sql = "SELECT user_id FROM portfolio WHERE portfolio_id = $1";

    private readonly ConcurrentDictionary<int, int> users = new();
    private int kept;

    /// <summary>Whether there is such a portfolio, and it is the user's.</summary>
    public async ValueTask<bool> Owns(int userId, int portfolioId, CancellationToken cancel) =>
        (users.TryGetValue(portfolioId, out var owner) ? owner : await Read(portfolioId, cancel)) == userId;

    /// <summary>Whether there is such an order, and its portfolio is the user's.</summary>
    public async ValueTask<bool> OwnsOrder(int userId, int orderId, CancellationToken cancel) =>
        await ledger.PortfolioOf(orderId, cancel) is { } portfolioId && await Owns(userId, portfolioId, cancel);

    // What is not there is not kept: it may be opened, and there is no end to it.
    private async Task<int?> Read(int portfolioId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = portfolioId });
        if (await command.ExecuteScalarAsync(cancel) is not int userId)
            return null;
        if (Interlocked.Increment(ref kept) > Most)
        {
            users.Clear();
            kept = 0;
        }
        users[portfolioId] = userId;
        return userId;
    }
}
