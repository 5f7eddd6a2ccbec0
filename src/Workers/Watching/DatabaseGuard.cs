using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Workers.Watching;

/// <summary>A session that is in the way.</summary>
/// <param name="Reason">What it does.</param>
/// <param name="MayEnd">Whether it is one of a module, which may be ended: not the writer's, not the owner's.</param>
public sealed record InTheWay(string Reason, int Pid, DateTime Begun, string Role, string Program, bool MayEnd)
{
    public override string ToString() => $"session {Pid} of {Role} ({Program}) {Reason}";
}

/// <summary>
/// Finds sessions that hold up commits, take locks that are not theirs, or keep the database from cleaning up, and ends
/// those of modules. PostgreSQL has limits for some of this, which whoever is to be limited may lift for himself.
/// </summary>
/// <param name="owner">Connections of the database's owner, who may end sessions of the roles that he has made.</param>
public sealed class DatabaseGuard(NpgsqlDataSource owner, WatchLimits limits)
{
    // $1 modules but the writer, $2 those of them that take no advisory locks, $3 to $5 the limits.
    //
    // Those in the way of a commit, or of the owner at work, are found by going from who waits to whom it waits for,
    // and on to whom that one waits for: at the end is somebody who does not wait. While the queue of notifications
    // fills up, whoever may be the reason has ten seconds: a transaction that is open, or a client that does not read.
    private const string Sql =
        """
        WITH RECURSIVE session AS (
            SELECT a.pid, a.backend_start, a.usename::text AS role, coalesce(a.application_name, '') AS program,
                   a.datname = current_database() AS is_here, a.usename = ANY ($1) AS is_module, a.state,
                   a.wait_event, a.state_change, a.xact_start
            FROM pg_stat_activity a
            WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
        ), due AS (
            SELECT CASE WHEN pg_notification_queue_usage() > 0.1 THEN interval '10 s' END AS soon
        ), held AS (
            SELECT DISTINCT l.pid FROM pg_locks l JOIN session s USING (pid)
            WHERE NOT l.granted AND l.waitstart < clock_timestamp() - $3 AND s.is_here
                AND s.role IN ('ledger_writer', current_user)
        ), chain (pid) AS (
            SELECT unnest(pg_blocking_pids(pid)) FROM held
            UNION
            SELECT unnest(pg_blocking_pids(pid)) FROM chain
        ), found AS (
            SELECT pid, 'holds up commits' AS reason, 1 AS rank FROM chain
            WHERE cardinality(pg_blocking_pids(pid)) = 0
            UNION ALL
            SELECT l.pid, 'holds advisory locks', 2
            FROM pg_locks l JOIN session s USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND s.is_here AND s.is_module
            GROUP BY l.pid, s.role HAVING s.role = ANY ($2) OR count(*) > 100
            UNION ALL
            SELECT pid, 'does nothing within a transaction', 3 FROM session, due
            WHERE is_module AND is_here AND state LIKE 'idle in transaction%'
                AND state_change < clock_timestamp() - coalesce(soon, $4)
            UNION ALL
            SELECT pid, 'has a transaction open for too long', 4 FROM session, due
            WHERE is_module AND is_here AND xact_start < clock_timestamp() - coalesce(soon, $5)
            UNION ALL
            SELECT pid, 'does not read what it is told', 5 FROM session, due
            WHERE is_module AND is_here AND soon IS NOT NULL AND state = 'idle' AND wait_event = 'ClientWrite'
        )
        SELECT DISTINCT ON (s.pid) f.reason, s.pid, s.backend_start, s.role, s.program, s.is_module
        FROM found f JOIN session s USING (pid)
        ORDER BY s.pid, f.rank
        """;

    private const string End =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2";

    private static readonly string[] Modules = [.. ModuleRoles.All.Except([ModuleRoles.LedgerWriter])];

    private static readonly string[] TakeNoLocks = [.. Modules.Except([ModuleRoles.Work])];

    /// <summary>Looks once, and ends what may be ended.</summary>
    /// <returns>All that were found.</returns>
    public async Task<IReadOnlyList<InTheWay>> Look(CancellationToken cancel)
    {
        await using var connection = await owner.OpenConnectionAsync(cancel);
        var found = await Find(connection, cancel);
        foreach (var session in found.Where(session => session.MayEnd))
        {
            await using var end = new NpgsqlCommand(End, connection);
            end.Parameters.Add(new NpgsqlParameter<int> { TypedValue = session.Pid });
            end.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = session.Begun });
            await end.ExecuteScalarAsync(cancel);
        }
        return found;
    }

    private async Task<List<InTheWay>> Find(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Modules });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = TakeNoLocks });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = limits.Holding });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = limits.Idle });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = limits.Transactions });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<InTheWay>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new InTheWay(
                reader.GetString(0), reader.GetInt32(1), reader.GetDateTime(2), reader.GetString(3),
                reader.GetString(4), reader.GetBoolean(5)));
        }
        return found;
    }
}
