using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;
using Npgsql;
using Weasel.Core;

namespace Bifrost.Customer.Tests;

/// <summary>What a program that has Marten, and nothing of the ledger's, knows of an event: what it asks for.</summary>
public sealed record Deposited(int PortfolioId, int FundingId, decimal Amount, DateTimeOffset OccurredAt);

/// <inheritdoc cref="Deposited"/>
public sealed record Withdrawn(int PortfolioId, int FundingId, decimal Amount, DateTimeOffset OccurredAt);

/// <summary>What went in and out of a portfolio, as such a program adds it up.</summary>
public sealed class CashBook
{
    public string Id { get; set; } = "";

    public decimal Total { get; set; }

    public int Movements { get; set; }

    public void Apply(Deposited e) => (Total, Movements) = (Total + e.Amount, Movements + 1);

    public void Apply(Withdrawn e) => (Total, Movements) = (Total - e.Amount, Movements + 1);
}

/// <summary>The program: a store over the ledger's log, with documents in a schema of its own.</summary>
public sealed class CustomerStore : IAsyncDisposable
{
    public const string Schema = "customer";

    private readonly NpgsqlDataSource source;

    private CustomerStore(NpgsqlDataSource source, ISubscription? subscription, AutoCreate create)
    {
        this.source = source;
        Store = DocumentStore.For(options =>
        {
            options.Connection(source);
            options.AutoCreateSchemaObjects = create;
            options.DatabaseSchemaName = Schema;
            options.UseSystemTextJsonForSerialization(EnumStorage.AsString, Casing.CamelCase);
            options.Events.DatabaseSchemaName = "events";
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.Events.MetadataConfig.EnableAll();
            options.Events.MetadataConfig.UserNameEnabled = true;
            options.Events.UseListenNotifyForEventAppends = true;
            options.Events.MapEventType<Deposited>("cash_deposited");
            options.Events.MapEventType<Withdrawn>("cash_withdrawn");
            // Of the ledger's events it knows two.
            options.Projections.Errors.SkipUnknownEvents = true;
            options.Projections.Snapshot<CashBook>(SnapshotLifecycle.Async);
            if (subscription is not null)
                options.Projections.Subscribe(subscription, o => o.Name = "Deposits");
        });
    }

    public DocumentStore Store { get; }

    /// <param name="create">
    /// Anything but None for the program's own documents only: Marten would give the log a key that the ledger has not.
    /// </param>
    public static CustomerStore Open(
        string connectionString, ISubscription? subscription = null, AutoCreate create = AutoCreate.None) =>
        new(NpgsqlDataSource.Create(connectionString), subscription, create);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await source.DisposeAsync();
    }
}

/// <summary>
/// Writes down every movement of cash that it is handed, in the transaction that moves its checkpoint.
/// </summary>
public sealed class Deposits : SubscriptionBase
{
    public Deposits()
    {
        IncludeType<Deposited>();
        IncludeType<Withdrawn>();
    }

    public override Task<IChangeListener> ProcessEventsAsync(
        EventRange page,
        ISubscriptionController controller,
        IDocumentOperations operations,
        CancellationToken cancellationToken)
    {
        foreach (var e in page.Events)
            operations.QueueSqlCommand("INSERT INTO customer.seen (seq_id) VALUES (?)", e.Sequence);
        return Task.FromResult<IChangeListener>(NullChangeListener.Instance);
    }
}
