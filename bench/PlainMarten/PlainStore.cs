using System.Reflection;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Npgsql;

namespace Bifrost.Bench.PlainMarten;

/// <summary>
/// Marten as its documentation sets it up, in a schema of its own: nothing is switched on or off but what the benchmark
/// is about. It keeps no receipts, no hashes and no tables beside the document.
/// </summary>
internal sealed class PlainStore : IAsyncDisposable
{
    public const string Schema = "plain_marten";

    private readonly NpgsqlDataSource source;

    private PlainStore(NpgsqlDataSource source, SnapshotLifecycle lifecycle)
    {
        this.source = source;
        Store = DocumentStore.For(options =>
        {
            options.Connection(source);
            options.DatabaseSchemaName = Schema;
            options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;
            options.UseSystemTextJsonForSerialization();
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.Projections.Snapshot<Portfolio>(lifecycle);
            // The benchmark runs the daemon itself; without this Marten warns that nobody does.
            options.Projections.AsyncMode = DaemonMode.ExternallyManaged;
        });
    }

    public DocumentStore Store { get; }

    /// <summary>What it is, for a report: the version, and how Marten appends unless it is told otherwise.</summary>
    public string Description
    {
        get
        {
            var version = typeof(DocumentStore).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
            return $"Marten {version!.InformationalVersion.Split('+')[0]}, appending {Store.Options.Events.AppendMode}";
        }
    }

    /// <param name="database">An Npgsql connection string of the database's owner.</param>
    /// <param name="lifecycle">Whether the document is written with the events, or by the daemon.</param>
    public static PlainStore Open(string database, SnapshotLifecycle lifecycle) =>
        new(NpgsqlDataSource.Create(database), lifecycle);

    public static string KeyOf(int portfolioId) => $"portfolio-{portfolioId}";

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await source.DisposeAsync();
    }
}
