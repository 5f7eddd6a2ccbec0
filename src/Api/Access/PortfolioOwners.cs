using System.Collections.Concurrent;
using Bifrost.Grains;
using Npgsql;

namespace Bifrost.Api.Access;

/// <summary>Whose a portfolio is. That never changes, so what its owner asked for once is kept.</summary>
/// <remarks>
/// Who asks for what is another's takes the way of who asks for what is not there, statement for statement, whatever is
/// kept: or the time of the answer would tell the two apart.
/// </remarks>
internal sealed class PortfolioOwners(NpgsqlDataSource database, Ledger ledger)
{
    // Some ten megabytes; a server with more portfolios in use reads some of them again.
    private const int Most = 100_000;

    private const string Portfolio = "SELECT portfolio_id FROM portfolio WHERE portfolio_id = $1 AND user_id = $2";

    // Looks for a portfolio also where there is no such order.
    private const string Order =
        """
        SELECT portfolio_id FROM portfolio
        WHERE portfolio_id = coalesce((SELECT o.portfolio_id FROM "order" o WHERE o.order_id = $1), 0) AND user_id = $2
        """;

    private readonly ConcurrentDictionary<int, int> users = new();
    private int kept;

    /// <summary>Whether there is such a portfolio, and it is the user's.</summary>
    public ValueTask<bool> Owns(int userId, int portfolioId, CancellationToken cancel) =>
        IsKept(userId, portfolioId) ? new(true) : Read(Portfolio, userId, portfolioId, cancel);

    /// <summary>Whether there is such an order, and its portfolio is the user's.</summary>
    public ValueTask<bool> OwnsOrder(int userId, int orderId, CancellationToken cancel) =>
        ledger.ActiveHomeOf(orderId) is { PortfolioId: var portfolioId } && IsKept(userId, portfolioId)
            ? new(true)
            : Read(Order, userId, orderId, cancel);

    private bool IsKept(int userId, int portfolioId) =>
        users.TryGetValue(portfolioId, out var owner) && owner == userId;

    // What is not there is not kept: it may be opened, and there is no end to it.
    private async ValueTask<bool> Read(string sql, int userId, int id, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = userId });
        if (await command.ExecuteScalarAsync(cancel) is not int portfolioId)
            return false;
        if (Interlocked.Increment(ref kept) > Most)
        {
            users.Clear();
            kept = 0;
        }
        users[portfolioId] = userId;
        return true;
    }
}
