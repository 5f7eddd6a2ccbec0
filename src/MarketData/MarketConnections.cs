using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.MarketData;

/// <summary>The connections that market data works with, made from one connection string.</summary>
public static class MarketConnections
{
    // Staged rows of a batch fit into this; without it they would go through files.
    private const string Options = "-c temp_buffers=64MB -c work_mem=64MB -c jit=off";

    /// <summary>For ingestion, rollups, retention and reads.</summary>
    public static NpgsqlDataSource Workers(string connectionString)
    {
        var settings = ModuleRoles.As(ModuleRoles.MarketData, connectionString, Options);
        settings.ApplicationName = "bifrost market data";
        // A batch of a large file waits for the one before it, and rollups read whole days.
        settings.CommandTimeout = 600;
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = "market data" }.Build();
    }
}
