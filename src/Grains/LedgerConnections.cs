using Npgsql;

namespace Bifrost.Grains;

/// <summary>The connections that the ledger works with, made from one connection string.</summary>
public static class LedgerConnections
{
    // The role may append to the log and not change it; see sql/ledger/0003_application_role.sql.
    private const string Role = "-c role=bifrost_app";

    // The writer's statements join arrays to tables by key. A plan made while a table was small or had no statistics
    // would scan it whole, and would be kept; and planning anew for each batch costs more than running it.
    private const string Plans =
        "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off "
        + "-c jit=off";

    /// <summary>For reads, and for taking blocks of ids.</summary>
    public static NpgsqlDataSource Readers(string connectionString) =>
        Build(connectionString, Role, "bifrost");

    /// <summary>For commits: one connection a lane, plans kept, durable before it answers.</summary>
    public static NpgsqlDataSource Writer(string connectionString) =>
        Build(connectionString, $"{Role} {Plans} -c synchronous_commit=on", "bifrost writer");

    private static NpgsqlDataSource Build(string connectionString, string options, string name)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Options = options,
            ApplicationName = name,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            // Nothing here changes a session, so nothing has to be reset between users.
            NoResetOnClose = true,
        };
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build();
    }
}
