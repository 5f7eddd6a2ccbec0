using Npgsql;

namespace Bifrost.MarketData;

/// <summary>The connections that market data works with, made from one connection string.</summary>
public static class MarketConnections
{
    /// <summary>For ingestion, rollups, valuation and reads.</summary>
    public static NpgsqlDataSource Workers(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            // Staged rows of a batch fit into this; without it they would go through files.
            Options = "-c role=bifrost_app -c temp_buffers=64MB -c work_mem=64MB -c synchronous_commit=on -c jit=off",
            ApplicationName = "bifrost market data",
            // A batch of a large file waits for the one before it, and rollups read whole days.
            CommandTimeout = 600,
        };
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = "market data" }.Build();
    }

    /// <summary>As the owner of the tables, who alone may drop their chunks.</summary>
    public static NpgsqlDataSource Owner(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "bifrost retention", CommandTimeout = 600, MaxPoolSize = 2,
        };
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = "market data owner" }.Build();
    }
}
