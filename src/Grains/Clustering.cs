using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Bifrost.EventStore;
using Npgsql;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Bifrost.Grains;

/// <summary>How a silo finds the others of its cluster, and how they reach it.</summary>
/// <param name="Name">Silos of one name over one database, or one Redis, are one cluster.</param>
public sealed record ClusterSettings(string Name)
{
    /// <summary>Where the other nodes reach this one.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port for the other nodes; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>
    /// A PKCS#12 file with the key that nodes show each other; null leaves what they say in the clear.
    /// </summary>
    public string? Certificate { get; init; }

    public string? CertificatePassword { get; init; }

    /// <summary>host:port of a Redis server to meet at; null meets in the ledger's own database.</summary>
    public string? Redis { get; init; }
}

/// <summary>A silo as one of several: in the same PostgreSQL, or in Redis, they find each other.</summary>
internal static class Clustering
{
    // A node that answers nobody is given up after three of these. What makes it safe to be quick about it is that the
    // database refuses a node that is given up and writes all the same.
    private static readonly TimeSpan Probe = TimeSpan.FromSeconds(1);

    private const int MissedProbes = 3;

    // How old the word of a node may be that joins are held up for: where all nodes were killed at once, the next one
    // starts after three of these.
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(5);

    // Longer than the others take to give up one that they, or the joining node, cannot reach.
    private static readonly TimeSpan PatienceToJoin = TimeSpan.FromSeconds(40);

    public static void Join(ISiloBuilder silo, ClusterSettings cluster, string database)
    {
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.Name, "bifrost"));
        var port = cluster.Port == 0 ? FreePort(cluster.Address) : cluster.Port;
        // No port for clients of the cluster: callers come over HTTP.
        silo.ConfigureEndpoints(cluster.Address, port, gatewayPort: 0, listenOnAnyHostAddress: false);
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = Probe;
            options.NumMissedProbesLimit = MissedProbes;
            options.IAmAliveTablePublishTimeout = SignOfLife;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            options.MaxJoinAttemptTime = PatienceToJoin;
            options.DefunctSiloCleanupPeriod = TimeSpan.FromHours(1);
        });
        if (cluster.Redis is { } redis)
        {
            silo.UseRedisClustering(options => options.ConfigurationOptions = ConfigurationOptions.Parse(redis));
        }
        else
        {
            // Of the silo's own, so that its connections go with it.
            silo.Services.AddKeyedSingleton(typeof(Clustering), (_, _) => Members(database));
            silo.UseAdoNetClustering(options => options.Configure<IServiceProvider>((adoNet, provider) =>
            {
                adoNet.Invariant = "Npgsql";
                adoNet.DataSource = provider.GetRequiredKeyedService<NpgsqlDataSource>(typeof(Clustering));
            }));
        }
        if (cluster.Certificate is not null)
            UseTls(silo, cluster);
    }

    private static NpgsqlDataSource Members(string database)
    {
        NpgsqlConnectionStringBuilder settings = ModuleRoles.As(ModuleRoles.ClusterMember, database, "");
        settings.SearchPath = "cluster";
        settings.ApplicationName = "bifrost cluster";
        return NpgsqlDataSource.Create(settings);
    }

    // Each node shows the one key of the cluster, and takes no other.
    private static void UseTls(ISiloBuilder silo, ClusterSettings cluster)
    {
        var own = X509CertificateLoader.LoadPkcs12FromFile(cluster.Certificate!, cluster.CertificatePassword);
        silo.UseTls(own, options =>
        {
            options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
            options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
            options.RemoteCertificateValidation = (shown, _, _) => IsOwn(shown);
            options.OnAuthenticateAsClient = (_, authentication) => authentication.TargetHost = cluster.Name;
        });

        bool IsOwn(X509Certificate2? shown) =>
            shown is not null && shown.RawDataMemory.Span.SequenceEqual(own.RawDataMemory.Span);
    }

    private static int FreePort(IPAddress address)
    {
        using var probe = new TcpListener(address, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
