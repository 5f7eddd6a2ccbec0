using Bifrost.Audit.Anchors;
using Bifrost.Grains;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Bifrost.Bench.Commands;

/// <summary>
/// What the hash chain and the anchors cost: the same load with them and without, by turns, so that what else the
/// machine does meets both alike.
/// </summary>
internal sealed class SealingRuns : IAsyncDisposable
{
    private readonly TimeSpan betweenAnchors;
    private readonly BenchDatabase unsealedDatabase;
    private readonly NpgsqlDataSource reads;
    private readonly string folder = Directory.CreateTempSubdirectory("bifrost-bench-").FullName;
    private readonly List<NpgsqlDataSource> sources = [];

    private SealingRuns(BenchDatabase unsealedDatabase, string sealedDatabase, TimeSpan duration)
    {
        (this.unsealedDatabase, betweenAnchors) = (unsealedDatabase, duration / 2);
        reads = Keep(LedgerConnections.Readers(sealedDatabase));
        Sealed = new Ledger(
            reads, Keep(LedgerConnections.Writer(sealedDatabase)), NullLogger<Ledger>.Instance);
        Unsealed = new Ledger(
            Keep(LedgerConnections.Readers(unsealedDatabase.ConnectionString)),
            Keep(LedgerConnections.Writer(unsealedDatabase.ConnectionString)),
            NullLogger<Ledger>.Instance)
        {
            IsSealing = false,
        };
    }

    public Ledger Sealed { get; }

    public Ledger Unsealed { get; }

    /// <param name="database">The one to run with hashes and anchors in.</param>
    /// <param name="duration">
    /// Of a run, in the middle of which the log is anchored: all that was recorded since the one before. A server does
    /// so every ten seconds.
    /// </param>
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
        return new SealingRuns(unsealed, database.ConnectionString, duration);
    }

    /// <summary>Runs a load on the sealed ledger while its log is anchored.</summary>
    public async Task<Measured> WithAnchors(Func<Task<Measured>> load, CancellationToken cancel)
    {
        using var signer = AnchorSigner.Open(
            reads, await AuditFolder.Of(reads, folder, null, cancel), TimeProvider.System);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var signing = Task.Run(
            async () =>
            {
                using var timer = new PeriodicTimer(betweenAnchors);
                while (await timer.WaitForNextTickAsync(ended.Token))
                    await signer.Sign(ended.Token);
            },
            CancellationToken.None);
        var measured = await load();
        await ended.CancelAsync();
        await signing.ContinueWith(_ => { }, TaskScheduler.Default);
        if (signing.IsFaulted)
            await signing;
        return measured;
    }

    public async ValueTask DisposeAsync()
    {
        await Sealed.DisposeAsync();
        await Unsealed.DisposeAsync();
        foreach (var source in sources)
            await source.DisposeAsync();
        await unsealedDatabase.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private NpgsqlDataSource Keep(NpgsqlDataSource source)
    {
        sources.Add(source);
        return source;
    }
}
