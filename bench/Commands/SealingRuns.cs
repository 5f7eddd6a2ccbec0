using Bifrost.Audit.Anchors;
using Bifrost.Grains;
using Npgsql;

namespace Bifrost.Bench.Commands;

/// <summary>
/// What the hash chain and the anchors cost: the same load with them and without, by turns, so that what else the
/// machine does meets both alike.
/// </summary>
internal sealed class SealingRuns : IAsyncDisposable
{
    private readonly TimeSpan duration;
    private readonly BenchDatabase unsealedDatabase;
    private readonly NpgsqlDataSource reads;
    private readonly string folder = Directory.CreateTempSubdirectory("bifrost-bench-").FullName;
    private AnchorSigner? signer;

    private SealingRuns(BenchDatabase unsealedDatabase, string sealedDatabase, TimeSpan duration)
    {
        (this.unsealedDatabase, this.duration) = (unsealedDatabase, duration);
        reads = LedgerConnections.Readers(sealedDatabase);
    }

    public Ledger Sealed { get; private set; } = null!;

    public Ledger Unsealed { get; private set; } = null!;

    /// <param name="database">The one to run with hashes and anchors in.</param>
    /// <param name="duration">Of a run.</param>
    public static async Task<SealingRuns> Create(
        BenchDatabase database, TimeSpan duration, CancellationToken cancel)
    {
        var unsealed = await BenchDatabase.Create(database.ConnectionString, cancel);
        await unsealed.Execute(
            """
            ALTER TABLE ledger.portfolio_event ALTER COLUMN hash DROP NOT NULL,
                DROP CONSTRAINT portfolio_event_hash_check, DROP CONSTRAINT portfolio_event_seq_id_key
            """,
            cancel);
        return new SealingRuns(unsealed, database.ConnectionString, duration)
        {
            Sealed = await Ledger.Start(new LedgerOptions(database.ConnectionString)),
            Unsealed = await Ledger.Start(new LedgerOptions(unsealed.ConnectionString) { IsSealing = false }),
        };
    }

    /// <summary>
    /// Runs a load on the sealed ledger, whose log is anchored in the middle of each run with all that was recorded
    /// since the one before: oftener than the ten seconds of a server, so that every run bears its share.
    /// </summary>
    public async Task<Measured> WithAnchors(Func<Task<Measured>> load, CancellationToken cancel)
    {
        if (signer is null)
        {
            signer = AnchorSigner.Open(reads, await AuditFolder.Of(reads, folder, null, cancel), TimeProvider.System);
            await signer.Sign(cancel);
        }
        var signing = Sign(signer, cancel);
        var measured = await load();
        await signing;
        return measured;
    }

    private async Task Sign(AnchorSigner anchors, CancellationToken cancel)
    {
        await Task.Delay(duration / 2, cancel);
        await anchors.Sign(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        signer?.Dispose();
        await Sealed.DisposeAsync();
        await Unsealed.DisposeAsync();
        await reads.DisposeAsync();
        await unsealedDatabase.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
