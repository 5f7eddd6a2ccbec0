using Bifrost.Grains;
using Bifrost.Projections;
using Bifrost.Replay.Verifying;
using Microsoft.Extensions.Logging.Abstractions;
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
        (One, Other) = (Open(Database.ConnectionString), Open(Database.ConnectionString));
    }

    public async Task DisposeAsync()
    {
        await One.DisposeAsync();
        await Other.DisposeAsync();
        foreach (var source in sources)
            await source.DisposeAsync();
        await Database.DisposeAsync();
    }

    public Ledger Open(string connectionString, TimeSpan? patience = null, TimeProvider? clock = null) => new(
        Keep(LedgerConnections.Readers(connectionString)),
        Keep(LedgerConnections.Writer(connectionString)),
        NullLogger<Ledger>.Instance,
        clock,
        patience);

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
