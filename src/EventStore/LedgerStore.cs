using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using JasperFx;
using JasperFx.Core.Exceptions;
using JasperFx.Events;
using Marten;
using Npgsql;

namespace Bifrost.EventStore;

/// <summary>Marten over the ledger's database: the one place that says how.</summary>
/// <remarks>
/// The ledger's own commits run in a session of Marten's (<see cref="CommitSession"/>) and append by one operation of
/// it (<see cref="AppendEvents"/>). Whoever else has Marten opens the same log with <see cref="Configure"/>, and may
/// read, aggregate, subscribe and project; the database refuses that anybody else appends to a stream of the ledger.
/// </remarks>
public static class LedgerStore
{
    // A store compiles its plans once, so there is one for each set of connections, and it goes with them.
    private static readonly ConditionalWeakTable<NpgsqlDataSource, DocumentStore> Stores = [];

    private static readonly ConditionalWeakTable<NpgsqlDataSource, DocumentStore> CommitStores = [];

    /// <summary>The store that reads and writes through a set of connections.</summary>
    public static DocumentStore Of(NpgsqlDataSource database) => Stores.GetValue(
        database,
        static source => DocumentStore.For(options =>
        {
            options.Connection(source);
            Configure(options);
        }));

    /// <summary>The same for the ledger's commits, which decide by themselves what a failure means.</summary>
    internal static DocumentStore ForCommits(NpgsqlDataSource writer) => CommitStores.GetValue(
        writer,
        static source => DocumentStore.For(options =>
        {
            options.Connection(source);
            Configure(options);
            // All of a session is one batch, which is one transaction.
            options.UpdateBatchSize = int.MaxValue;
            // A commit whose outcome is unknown is looked up before anything is sent again.
            options.ConfigureWritePolly(_ => { });
            // The constraint that was met says which turn is told what.
            options.Advanced.ExceptionTransforms.AddTransform<AsItIs>();
        }));

    /// <summary>Streams, types, metadata and JSON as the ledger's log has them.</summary>
    /// <param name="options">Of a store whose connection is set already.</param>
    public static void Configure(StoreOptions options)
    {
        // Tables, functions and privileges are made by the numbered migrations; a test holds them to this.
        options.AutoCreateSchemaObjects = AutoCreate.None;
        options.DatabaseSchemaName = "events";
        options.Serializer(new LedgerSerializer());
        var events = options.Events;
        events.DatabaseSchemaName = "events";
        events.StreamIdentity = StreamIdentity.AsString;
        // The other way of Marten's leaves an event of its own in the log where a race was lost.
        events.AppendMode = EventAppendMode.Quick;
        // Wakes a daemon; what appends has to say so, which AppendEvents does.
        events.UseListenNotifyForEventAppends = true;
        events.MetadataConfig.CausationIdEnabled = true;
        events.MetadataConfig.CorrelationIdEnabled = true;
        events.MetadataConfig.HeadersEnabled = true;
        events.MetadataConfig.UserNameEnabled = true;
        foreach (var type in EventCatalog.All)
            events.MapEventType(type.Clr, type.Alias);
        foreach (var index in OwnIndexes)
            events.IgnoreIndex(index);
    }

    // Of sql/ledger: auditors and reads of the past need them, and Marten would drop what it does not know.
    private static readonly string[] OwnIndexes =
    [
        "mt_events_type", "mt_events_actor", "mt_events_correlation", "mt_events_recorded", "trade_voided_portfolio",
    ];

    private sealed class AsItIs : IExceptionTransform
    {
        public bool TryTransform(Exception original, [NotNullWhen(true)] out Exception? transformed)
        {
            transformed = original as NpgsqlException;
            return transformed is not null;
        }
    }
}
