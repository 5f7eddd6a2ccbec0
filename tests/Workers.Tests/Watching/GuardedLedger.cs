using Bifrost.EventStore;
using Bifrost.Grains;
using Bifrost.Workers.Watching;
using Npgsql;

namespace Bifrost.Workers.Tests.Watching;

/// <summary>A ledger that takes commands, in a database whose doors are shut, and who would hold it up.</summary>
public sealed class GuardedLedger : IAsyncLifetime
{
    /// <summary>Of tests that change or use up what belongs to roles, which are of the whole server.</summary>
    public const string Roles = "roles";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<NpgsqlDataSource> sources = [];
    private NpgsqlDataSource owner = null!;
    private Ledger ledger = null!;

    public TestDatabase Database { get; } = new();

    public NpgsqlDataSource Owner => owner;

    public int Portfolio { get; private set; }

    /// <summary>Ends who holds up a commit at once, and those that are idle never.</summary>
    internal DatabaseGuard Guard { get; private set; } = null!;

    /// <summary>Ends who is idle within a transaction at once.</summary>
    internal DatabaseGuard Strict { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        owner = NpgsqlDataSource.Create(Database.ConnectionString);
        sources.Add(owner);
        await DatabaseDoors.Shut(owner);
        var limits = new WatchLimits { Holding = TimeSpan.Zero };
        Guard = new DatabaseGuard(owner, limits);
        Strict = new DatabaseGuard(owner, limits with { Idle = TimeSpan.Zero });
        ledger = await TwoLedgers.Open(Database.ConnectionString);
        Portfolio = await ledger.OpenPortfolio(cash: 1_000_000m);
    }

    public async Task DisposeAsync()
    {
        await ledger.DisposeAsync();
        foreach (var source in sources)
            await source.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>True where roles log in with passwords of their own.</summary>
    public bool HasLogins => new NpgsqlConnectionStringBuilder(Database.ConnectionString).Passfile is not null;

    public async Task<NpgsqlConnection> LogIn(string role)
    {
        var settings = ModuleRoles.As(role, Database.ConnectionString, "");
        settings.Pooling = false;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>A command whose commit touches all that any commit does, a symbol of its own included.</summary>
    public Task<Answer> Commit(string symbol) => ledger.Do(Portfolio, Orders.Buy(symbol, 1, 1m));

    /// <summary>Waits until a commit is through, or stands before a lock.</summary>
    /// <returns>Whether it is through.</returns>
    public async Task<bool> IsThrough(Task commit)
    {
        const string Waits =
            """
            SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                AND application_name = 'bifrost writer' AND cardinality(pg_blocking_pids(pid)) > 0)
            """;
        await Eventually.Is(
            async () => commit.IsCompleted || await Database.Query<bool>(Waits), Patience,
            () => "It neither commits nor waits.");
        return commit.IsCompleted;
    }
}
