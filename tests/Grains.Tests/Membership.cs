using System.Net;
using Bifrost.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Messaging;
using Orleans.Runtime;

namespace Bifrost.Grains.Tests;

/// <summary>Orleans' own provider of membership, which works as the restricted role on a database of its own.</summary>
public sealed class Membership : IAsyncLifetime
{
    public static readonly DateTime Noon = new(2026, 3, 2, 12, 0, 0, DateTimeKind.Utc);

    private readonly List<IHost> hosts = [];

    public TestDatabase Database { get; } = new();

    public Task InitializeAsync() => Database.InitializeAsync();

    public async Task DisposeAsync()
    {
        foreach (var host in hosts)
            host.Dispose();
        await Database.DisposeAsync();
    }

    /// <summary>The table as a silo sees it once it has initialized it; each call is another silo's.</summary>
    /// <param name="cluster">By default one that nobody else is in.</param>
    public async Task<IMembershipTable> Table(string? cluster = null)
    {
        var table = Silo(cluster ?? $"{Guid.NewGuid()}").Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true);
        return table;
    }

    public async Task<IGatewayListProvider> Gateways(string cluster)
    {
        var host = Keep(new HostBuilder().UseOrleansClient(client => client
            .Configure<ClusterOptions>(options => Name(options, cluster))
            .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", AsMember()))));
        var gateways = host.Services.GetRequiredService<IGatewayListProvider>();
        await gateways.InitializeGatewayListProvider();
        return gateways;
    }

    /// <summary>A server of the cluster that has yet to be started.</summary>
    public IHost Silo(string cluster) => Keep(new HostBuilder().UseOrleans(silo => silo
        .Configure<ClusterOptions>(options => Name(options, cluster))
        .ConfigureEndpoints(IPAddress.Loopback, FreePort.Find(), gatewayPort: FreePort.Find())
        .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", AsMember()))));

    public static MembershipEntry Entry(int port, SiloStatus status = SiloStatus.Active) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, port, generation: 7),
        SiloName = $"silo {port}",
        HostName = "host",
        Status = status,
        ProxyPort = port + 1,
        StartTime = Noon,
        IAmAliveTime = Noon,
    };

    /// <summary>The version to write at, for who reads the table now.</summary>
    public static async Task<TableVersion> Next(IMembershipTable table) =>
        (await table.ReadAllAsync()).Version.Next();

    public static Task<bool> Update(IMembershipTable table, MembershipEntry entry, TableVersion next) =>
        table.UpdateRowAsync(entry, next.VersionEtag, next);

    /// <summary>The version, and each silo's port and status.</summary>
    public static async Task<(int Version, string Silos)> Shown(IMembershipTable table)
    {
        var read = await table.ReadAllAsync();
        var silos = read.Members.Select(member => member.Item1).OrderBy(entry => entry.SiloAddress.Endpoint.Port)
            .Select(entry => $"{entry.SiloAddress.Endpoint.Port} {entry.Status}");
        return (read.Version.Version, string.Join(", ", silos));
    }

    private string AsMember()
    {
        var settings = ModuleRoles.As(ModuleRoles.ClusterMember, Database.ConnectionString, "");
        settings.SearchPath = "cluster";
        return settings.ConnectionString;
    }

    private static void Name(ClusterOptions options, string cluster) =>
        (options.ClusterId, options.ServiceId) = (cluster, "bifrost");

    private IHost Keep(IHostBuilder builder)
    {
        var host = builder.Build();
        hosts.Add(host);
        return host;
    }
}
