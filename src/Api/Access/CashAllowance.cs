using Npgsql;

namespace Bifrost.Api.Access;

/// <summary>
/// How much cash callers may still move today, in UTC. It is taken before cash moves, by one statement, so that what
/// comes at the same moment through several servers is never more; and given back where none has moved.
/// </summary>
internal sealed class CashAllowance(NpgsqlDataSource database)
{
    private const string TakeSql =
        """
        INSERT INTO ledger.cash_use AS u (actor, day, amount)
        SELECT $1, (now() AT TIME ZONE 'UTC')::date, $2 WHERE $2 <= $3
        ON CONFLICT (actor, day) DO UPDATE SET amount = u.amount + $2 WHERE u.amount + $2 <= $3
        RETURNING day
        """;

    private const string GiveBackSql =
        "UPDATE ledger.cash_use SET amount = amount - $2 WHERE actor = $1 AND day = $3";

    /// <param name="amount">Above zero.</param>
    /// <returns>What was taken, to be given back where nothing moves; null where less is left.</returns>
    public async Task<CashTaken?> Take(Caller caller, decimal amount, CancellationToken cancel)
    {
        if (caller.Grant.CashPerDay is not { } most)
            return new CashTaken(caller.Actor, amount, null);
        await using var command = Command(TakeSql, caller.Actor, amount);
        command.Parameters.Add(new NpgsqlParameter<decimal> { TypedValue = most });
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel)
            ? new CashTaken(caller.Actor, amount, row.GetFieldValue<DateOnly>(0))
            : null;
    }

    public async Task GiveBack(CashTaken taken)
    {
        if (taken.Day is not { } day)
            return;
        await using var command = Command(GiveBackSql, taken.Actor, taken.Amount);
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = day });
        await command.ExecuteNonQueryAsync();
    }

    private NpgsqlCommand Command(string sql, string actor, decimal amount)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = actor });
        command.Parameters.Add(new NpgsqlParameter<decimal> { TypedValue = amount });
        return command;
    }
}

/// <param name="Day">In UTC; null where the caller has no limit, and nothing was taken.</param>
internal sealed record CashTaken(string Actor, decimal Amount, DateOnly? Day);
