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

    /// <summary>For reads, and for marks and snapshots.</summary>
    public static NpgsqlDataSource Readers(string connectionString) =>
        Build(ModuleRoles.Portfolio, connectionString, "", "bifrost");

    /// <summary>For commits, and for taking blocks of ids: one connection a lane, plans kept.</summary>
    public static NpgsqlDataSource Writer(string connectionString) =>
        Build(ModuleRoles.LedgerWriter, connectionString, Plans, "bifrost writer", GroupCommit.Lanes);

    /// <summary>For putting right what follows from the log.</summary>
    public static NpgsqlDataSource Rebuilds(string connectionString) =>
        Build(ModuleRoles.LedgerWriter, connectionString, "", "bifrost rebuild");

    /// <param name="kept">Connections that stay open unused, because others may have taken all there are.</param>
    private static NpgsqlDataSource Build(
        string role, string connectionString, string options, string name, int kept = 0)
    {
        var settings = ModuleRoles.As(role, connectionString, options);
        settings.ApplicationName = name;
        settings.MaxAutoPrepare = 100;
        settings.AutoPrepareMinUsages = 2;
        // Nothing here changes a session, so nothing has to be reset between users.
        settings.NoResetOnClose = true;
        settings.MinPoolSize = Math.Max(settings.MinPoolSize, kept);
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build();
    }
}
