using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Replay.Tests.TimeTravel;

/// <summary>A database whose log is one story after another.</summary>
public sealed class LoggedStory : IAsyncLifetime
{
    private readonly TestDatabase database = new();

    private NpgsqlDataSource writer = null!;

    public NpgsqlDataSource Source { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        // The log refuses to be emptied, but for a superuser who works without triggers.
        Source = NpgsqlDataSource.Create(database.SuperuserConnectionString);
        writer = NpgsqlDataSource.Create(ModuleRoles.As(ModuleRoles.LedgerWriter, database.ConnectionString, ""));
    }

    public async Task DisposeAsync()
    {
        await Source.DisposeAsync();
        await writer.DisposeAsync();
        await database.DisposeAsync();
    }

    /// <summary>Makes the log this story, and nothing else.</summary>
    public async Task Tell(IReadOnlyList<StoredEvent> story)
    {
        await using var connection = await Source.OpenConnectionAsync();
        await using (var empty = new NpgsqlCommand(
            """
            SET session_replication_role = replica;
            TRUNCATE events.mt_events, events.mt_streams, ledger.portfolio_event, ledger.portfolio_snapshot;
            ALTER SEQUENCE events.mt_events_sequence RESTART WITH 1;
            """,
            connection))
            await empty.ExecuteNonQueryAsync();
        await Append(story);
    }

    /// <summary>What happened next.</summary>
    public async Task Append(IReadOnlyList<StoredEvent> story)
    {
        await using var commit = await CommitSession.Open(writer);
        commit.Session.QueueOperation(new AppendEvents([.. story.Select(New)]));
        await commit.Commit();
    }

    // These tests are of what is made of the events, not of their hashes.
    private static NewEvent New(StoredEvent stored) => new(
        stored.Data,
        stored.RecordedAt,
        new EventOrder(stored.Version, stored.PortfolioVersion),
        stored.Origin,
        EventHash.Beginning);
}
