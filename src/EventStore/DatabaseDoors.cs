using Npgsql;

namespace Bifrost.EventStore;

/// <summary>
/// Shuts what PostgreSQL leaves open to whoever may log in, as far as the database's owner can: what belongs to the
/// database and to its roles, which no dump and no copy of a database has. scripts/doors.sql shuts what a superuser has
/// to. docs/security.md lists both.
/// </summary>
public static class DatabaseDoors
{
    // Temporary tables are limited by nothing. Who has work for them may make them: batches of bars, and rebuilds.
    private const string Temporary =
        $"""
        DO $$
        BEGIN
            EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
            EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO {ModuleRoles.MarketData}, {ModuleRoles.LedgerWriter}',
                current_database());
        END $$
        """;

    // Where a superuser has taken advisory locks from everybody: the nodes choose by one who leads them.
    private const string Leading =
        $"""
        DO $$
        DECLARE
            shut regprocedure;
        BEGIN
            FOR shut IN
                SELECT oid FROM pg_proc
                WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^pg_(try_)?advisory_'
                    AND has_function_privilege(oid, 'EXECUTE WITH GRANT OPTION')
                    AND NOT has_function_privilege('{ModuleRoles.Work}', oid, 'EXECUTE')
            LOOP
                EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {ModuleRoles.Work}', shut);
            END LOOP;
        END $$
        """;

    // So that no role can take every connection: in percent of those that there are. The writer has no limit.
    private const string Connections =
        """
        SELECT format('ALTER ROLE %I CONNECTION LIMIT %s', r.rolname, due.number)
        FROM pg_roles r,
            LATERAL (SELECT greatest(5, current_setting('max_connections')::integer * CASE
                WHEN r.rolname = 'portfolio_service_user' THEN 75
                WHEN r.rolname IN ('market_data_service_user', 'work_service_user') THEN 30
                WHEN r.rolname = 'cluster_member' THEN 25
                ELSE 10 END / 100) AS number) AS due
        WHERE r.rolname = ANY ($1) AND r.rolname <> 'ledger_writer' AND r.rolconnlimit <> due.number
        """;

    // What a role says of itself holds for its next sessions. A superuser may limit roles by settings of his own, and
    // behind a pooler a search path may have to be given so.
    private const string Settings =
        """
        SELECT format('ALTER ROLE %I %s RESET %I', r.rolname,
            CASE WHEN d.datname IS NOT NULL THEN format('IN DATABASE %I', d.datname) END, p.name)
        FROM pg_db_role_setting s
        JOIN pg_roles r ON r.oid = s.setrole
        LEFT JOIN pg_database d ON d.oid = s.setdatabase
        CROSS JOIN LATERAL unnest(s.setconfig) AS u (entry)
        JOIN pg_settings p ON lower(p.name) = lower(split_part(u.entry, '=', 1)) AND p.context = 'user'
        WHERE r.rolname = ANY ($1) AND p.name <> 'search_path'
        """;

    /// <summary>Shuts them; done at each start, because a restored or copied database has them open again.</summary>
    /// <param name="owner">Of a database that has the schema.</param>
    public static async Task Shut(NpgsqlDataSource owner, CancellationToken cancel = default)
    {
        await using var connection = await owner.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        // One process at a time.
        await Execute(connection, SchemaMigrations.Lock, cancel);
        await Execute(connection, Temporary, cancel);
        await Execute(connection, Leading, cancel);
        await transaction.CommitAsync(cancel);
        foreach (var statement in await Find(connection, Connections, cancel))
            await Alter(connection, statement, cancel);
        await PutSettingsBack(owner, cancel);
    }

    /// <summary>Takes back what roles of modules have set for themselves.</summary>
    /// <returns>What was done, as statements.</returns>
    public static async Task<IReadOnlyList<string>> PutSettingsBack(
        NpgsqlDataSource owner, CancellationToken cancel = default)
    {
        await using var connection = await owner.OpenConnectionAsync(cancel);
        var due = await Find(connection, Settings, cancel);
        foreach (var statement in due)
            await Alter(connection, statement, cancel);
        return due;
    }

    // Roles are of the whole server, and PostgreSQL lets nobody wait who alters one at the same moment as another
    // process: it has an error for him, and the other one does the same.
    private static async Task Alter(NpgsqlConnection connection, string statement, CancellationToken cancel)
    {
        try
        {
            await Execute(connection, statement, cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InternalError)
        {
            // Done by the other one.
        }
    }

    private static async Task<List<string>> Find(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. ModuleRoles.All] });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<string>();
        while (await reader.ReadAsync(cancel))
            found.Add(reader.GetString(0));
        return found;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
