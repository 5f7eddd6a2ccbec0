using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Messaging;

/// <summary>The connections that messages, jobs and webhooks work with, made from one connection string.</summary>
public static class WorkConnections
{
    public const string Schema = "work";

    /// <param name="connectionString">An Npgsql connection string of the database's owner.</param>
    public static NpgsqlDataSource Of(string connectionString)
    {
        var settings = ModuleRoles.As(ModuleRoles.Work, connectionString, "-c jit=off");
        settings.ApplicationName = "bifrost work";
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = "work" }.Build();
    }
}
