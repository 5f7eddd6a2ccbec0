using Bifrost.EventStore;
using Bifrost.Messaging.Following;
using JasperFx;
using JasperFx.CodeGeneration;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Wolverine;
using Wolverine.Marten;
using Wolverine.Postgresql.Transport;

namespace Bifrost.Messaging;

/// <summary>
/// Messages that outlive the process that sent them: Wolverine over the ledger's database. Its tables are made by
/// sql/messaging; what each module sends and handles it says itself, by an <see cref="IWolverineExtension"/>.
/// </summary>
/// <remarks>
/// Handlers are instances of <see cref="Wolverine.Runtime.Handlers.MessageHandler{T}"/>, so that no code is generated
/// for them and none is compiled when the server starts.
/// </remarks>
public static class MessagingModule
{
    /// <summary>The key of the connections of messages, jobs and webhooks.</summary>
    public const string Connections = "work";

    // What a node has taken is given to another when it was not heard of for so long.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <param name="database">An Npgsql connection string of the database's owner.</param>
    public static void Add(IHostApplicationBuilder builder, string database)
    {
        builder.Services.AddKeyedSingleton(Connections, (_, _) => WorkConnections.Of(database));
        builder.Services.AddSingleton<Outbox>();
        builder.Services.AddMarten(provider =>
        {
            var options = new StoreOptions();
            options.Connection(provider.GetRequiredKeyedService<NpgsqlDataSource>(Connections));
            LedgerStore.Configure(options);
            return options;
        }).IntegrateWithWolverine(messages =>
        {
            messages.MessageStorageSchemaName = WorkConnections.Schema;
            messages.TransportSchemaName = WorkConnections.Schema;
            messages.AutoCreate = AutoCreate.None;
        });
        FollowingModule.Add(builder.Services);
        builder.UseWolverine(Configure);
    }

    private static void Configure(WolverineOptions options)
    {
        options.ApplicationAssembly = typeof(MessagingModule).Assembly;
        options.Discovery.DisableConventionalDiscovery();
        options.CodeGeneration.TypeLoadMode = TypeLoadMode.Static;
        options.AutoBuildMessageStorageOnStartup = AutoCreate.None;
        options.Transports.GetOrCreate<PostgresqlTransport>().EnableQueueNotifications = true;
        var durability = options.Durability;
        durability.HealthCheckPollingTime = Look;
        durability.FirstHealthCheckExecution = Look;
        durability.StaleNodeTimeout = Silence;
        durability.NodeReassignmentPollingTime = Look;
        durability.OrphanedMessageSweepPollingTime = Look;
        durability.CheckAssignmentPeriod = Look;
        durability.ScheduledJobFirstExecution = Look;
        durability.ScheduledJobPollingTime = Look;
    }
}
