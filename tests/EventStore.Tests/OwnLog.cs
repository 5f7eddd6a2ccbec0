using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Npgsql;

namespace Bifrost.EventStore.Tests;

/// <summary>A log in a database of its own, written to without a ledger.</summary>
public sealed class OwnLog : IAsyncLifetime
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    public TestDatabase Database { get; } = new();

    /// <summary>As the database's owner.</summary>
    public NpgsqlDataSource Source { get; private set; } = null!;

    /// <summary>As the ledger's commits.</summary>
    public NpgsqlDataSource Writer { get; private set; } = null!;

    public EventLog Log => new(Source);

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        Source = NpgsqlDataSource.Create(Database.ConnectionString);
        Writer = NpgsqlDataSource.Create(ModuleRoles.As(ModuleRoles.LedgerWriter, Database.ConnectionString, ""));
    }

    public async Task DisposeAsync()
    {
        await Source.DisposeAsync();
        await Writer.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>Appends in one batch, which is one transaction.</summary>
    /// <returns>The events' sequences, in their order.</returns>
    public async Task<IReadOnlyList<long>> Append(params NewEvent[] events)
    {
        var append = new AppendEvents(events);
        await using var commit = await CommitSession.Open(Writer);
        commit.Session.QueueOperation(append);
        await commit.Commit();
        return append.Sequences;
    }

    /// <summary>A deposit that is the nth event of its stream and of its portfolio.</summary>
    public static NewEvent Deposit(int portfolioId, long n) => Deposit(portfolioId, n, n);

    public static NewEvent Deposit(int portfolioId, long streamVersion, long portfolioVersion) => Fact(
        new CashDeposited
        {
            PortfolioId = portfolioId,
            OccurredAt = Noon,
            FundingId = (int)portfolioVersion,
            Amount = portfolioVersion,
        },
        streamVersion,
        portfolioVersion);

    public static NewEvent Fact(LedgerEvent happened, long streamVersion, long portfolioVersion) => new(
        happened,
        Noon.AddMinutes(portfolioVersion),
        new EventOrder(streamVersion, portfolioVersion),
        new Origin("tester", $"command:{portfolioVersion}", "trace-1"),
        EventHash.Beginning);

    public static NewEvent Again(NewEvent fact, Origin? origin = null, DateTimeOffset? recordedAt = null) =>
        new(fact.Data, recordedAt ?? fact.RecordedAt, fact.Place, origin ?? fact.Origin, EventHash.Beginning);

    /// <summary>An event as another build may have written it, counted in its portfolio's history.</summary>
    public Task Insert(int portfolioId, string stream, long version, string type, string data, string? dotnet = null) =>
        Execute(
            Writer,
            $"""
            WITH logged AS (
                INSERT INTO events.mt_events (seq_id, id, stream_id, version, data, type, mt_dotnet_type)
                SELECT nextval('events.mt_events_sequence'), gen_random_uuid(), '{stream}', {version}, '{data}',
                       '{type}', nullif('{dotnet}', '')
                RETURNING seq_id
            )
            INSERT INTO ledger.portfolio_event (portfolio_id, version, seq_id, hash)
            SELECT {portfolioId}, {version}, seq_id, decode(repeat('00', 32), 'hex') FROM logged
            """);

    public Task Execute(string sql) => Execute(Source, sql);

    private static async Task Execute(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The rows of a query, each as PostgreSQL writes it.</summary>
    public async Task<IReadOnlyList<string>> Rows(string sql)
    {
        await using var command = Source.CreateCommand($"SELECT row::text FROM ({sql}) AS row");
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }
}
