using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Bifrost.Domain;
using Bifrost.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Bifrost.Grains;

/// <summary>What a silo of the ledger is told.</summary>
/// <param name="Database">An Npgsql connection string of the database's owner.</param>
public sealed record LedgerOptions(string Database)
{
    /// <summary>How long what cannot be reached is tried again before callers are told.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a portfolio that nobody uses stays in memory.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The cluster to be a part of; null for a silo by itself.</summary>
    public ClusterSettings? Cluster { get; init; }

    /// <summary>
    /// False only where a benchmark measures what hashes cost, in a database that is made to do without.
    /// </summary>
    internal bool IsSealing { get; init; } = true;
}

/// <summary>The ledger's grains in a silo of Orleans, within the process that serves them.</summary>
public static class LedgerSilo
{
    private const int CachedPlaces = 50_000;

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(40);

    private static readonly JsonSerializerOptions DomainJson = new()
    {
        IgnoreReadOnlyProperties = true,
        Converters = { new CurrencyCode() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>
    /// Registers the silo and <see cref="Ledger"/>. Expects the readers' connections
    /// (<see cref="LedgerConnections.Readers"/>) to be registered as well, a <see cref="TimeProvider"/>, if not the
    /// system's, and an <see cref="InstrumentOf"/>, if symbols stand for more than shares.
    /// </summary>
    public static void Add(ISiloBuilder silo, LedgerOptions options)
    {
        silo.Services.AddSingleton(provider => Context(provider, options));
        silo.Services.AddSingleton(provider => new Ledger(
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<GrainContext>(),
            options.Patience));
        AddSerialization(silo.Services);
        silo.Services.AddSingleton<NodeEnd>();
        silo.Services.AddSingleton<IFatalErrorHandler>(provider => provider.GetRequiredService<NodeEnd>());
        silo.Configure<GrainCollectionOptions>(collection =>
        {
            collection.CollectionAge = options.IdleTime;
            collection.CollectionQuantum = options.IdleTime / 10;
        });
        // Where portfolios are that other nodes have. Orleans would make room for a million, in some 20 MB.
        silo.Configure<GrainDirectoryOptions>(directory => directory.CacheSize = CachedPlaces);
        // Longer than the ledger itself tries, so that it is the one to say what became of a command.
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = options.Patience + Margin);
        if (options.Cluster is { } cluster)
            Clustering.Join(silo, cluster, options.Database);
        else
            LoneSilo.Use(silo);
    }

    // The domain has no packages, so what it tells other nodes goes as JSON; it does not change, so nothing is copied
    // on the way within a node.
    internal static void AddSerialization(IServiceCollection services) => services.AddSerializer(
        serializer => serializer.AddJsonSerializer(type => type.Assembly == typeof(Command).Assembly, DomainJson));

    private static GrainContext Context(IServiceProvider provider, LedgerOptions options)
    {
        var database = provider.GetRequiredService<NpgsqlDataSource>();
        var logger = provider.GetRequiredService<ILogger<Ledger>>();
        var writer = LedgerConnections.Writer(options.Database);
        return new GrainContext(
            database,
            new EventLog(database),
            new GroupCommit(writer, logger, options.Patience),
            new IdSupply(writer),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            logger)
        {
            IsSealing = options.IsSealing,
            Instruments = provider.GetService<InstrumentOf>(),
            Rates = provider.GetService<RateOf>(),
            Shortcut = options.IdleTime / 4,
        };
    }
}
