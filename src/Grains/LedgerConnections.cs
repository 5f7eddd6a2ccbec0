using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Grains;

/// <summary>The connections that the ledger works with, made from one connection string.</summary>
public static class LedgerConnections
{
    // The writer's statements join arrays to tables by key. A plan made while a table was small or had no statistics
    // would scan it whole, and would be kept; and planning anew for each batch costs more than running it.
    private const string Plans =
        "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off "
        + "-c jit=off";

    // A commit begins its transaction without saying of which kind (CommitSession).
    private const string Durable = @"-c synchronous_commit=on -c default_transaction_isolation=read\ committed";

    /// <summary>For reads, for taking blocks of ids, and for marks and snapshots.</summary>
    public static NpgsqlDataSource Readers(string connectionString) =>
        Build(ModuleRoles.Portfolio, connectionString, "", "bifrost");

    /// <summary>For commits: one connection a lane, plans kept, durable before it answers.</summary>
    public static NpgsqlDataSource Writer(string connectionString) =>
        Build(ModuleRoles.LedgerWriter, connectionString, $"{Plans} {Durable}", "bifrost writer");

    /// <summary>For putting right what follows from the log.</summary>
    public static NpgsqlDataSource Rebuilds(string connectionString) =>
        Build(ModuleRoles.LedgerWriter, connectionString, Durable, "bifrost rebuild");

    private static NpgsqlDataSource Build(string role, string connectionString, string options, string name)
    {
        var settings = ModuleRoles.As(role, connectionString, options);
        settings.ApplicationName = name;
        settings.MaxAutoPrepare = 100;
        settings.AutoPrepareMinUsages = 2;
        // Nothing here changes a session, so nothing has to be reset between users.
        settings.NoResetOnClose = true;
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build();
    }
}
