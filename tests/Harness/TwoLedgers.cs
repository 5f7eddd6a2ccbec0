using Bifrost.Grains;
using Bifrost.Projections;
using Bifrost.Replay.Verifying;
using Npgsql;
using Xunit;

namespace Bifrost.Harness;

/// <summary>Two ledgers that share nothing but the database, as two processes would.</summary>
public sealed class TwoLedgers : IAsyncLifetime
{
    private readonly List<NpgsqlDataSource> sources = [];

    public TestDatabase Database { get; } = new();

    public Ledger One { get; private set; } = null!;

    public Ledger Other { get; private set; } = null!;

    public NpgsqlDataSource Reads { get; private set; } = null!;

    /// <summary>For putting right what follows from the log.</summary>
    public NpgsqlDataSource Rebuilds { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        Reads = Keep(LedgerConnections.Readers(Database.ConnectionString));
        Rebuilds = Keep(LedgerConnections.Rebuilds(Database.ConnectionString));
        (One, Other) = (await Open(Database.ConnectionString), await Open(Database.ConnectionString));
    }

    public async Task DisposeAsync()
    {
        await One.DisposeAsync();
        await Other.DisposeAsync();
        foreach (var source in sources)
            await source.DisposeAsync();
        await Database.DisposeAsync();
    }

    public static Task<Ledger> Open(
        string connectionString, TimeSpan? patience = null, TimeSpan? idleTime = null, TimeProvider? clock = null)
    {
        var options = new LedgerOptions(connectionString);
        return Ledger.Start(
            options with { Patience = patience ?? options.Patience, IdleTime = idleTime ?? options.IdleTime }, clock);
    }

    /// <summary>Compares every row with the log, and fails with what differs.</summary>
    public async Task ShouldEqualItsReplay()
    {
        var differences = (await new Verification(Reads).Run(null)).Differences;
        if (differences.Count > 0)
            throw new InvalidOperationException($"The tables are not their replay: {string.Join('\n', differences)}");
    }

    private NpgsqlDataSource Keep(NpgsqlDataSource source)
    {
        sources.Add(source);
        return source;
    }
}
