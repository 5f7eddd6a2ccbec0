using Bifrost.Audit;
using Bifrost.Audit.Anchors;
using Bifrost.Grains;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Workers.Anchors;

/// <summary>
/// Signs what the log is, some seconds after it has grown or sooner where it grows fast. Ends for good where the log is
/// no longer what was signed before.
/// </summary>
public sealed class AnchorWorker(
    NpgsqlDataSource database,
    AnchorArchive archive,
    AuditOptions options,
    Ledger ledger,
    AnchorState state,
    ILogger<AnchorWorker> logger) : RepeatedWork(logger)
{
    // So many unanchored events do not wait for the time.
    private const long MostUnanchored = 100_000;

    // While the log is not what it was: said again, so that nobody can miss it.
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(5);

    private readonly Wakeup grown = new();
    private readonly Wakeup urgent = new();
    private AnchorSigner? signer;
    private string? toldOf;

    protected override string Name => "The signing of anchors";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        void Told(long sequence)
        {
            grown.Signal();
            if (sequence - (state.Latest?.Sequence ?? 0) > MostUnanchored)
                urgent.Signal();
        }
        ledger.Committed += Told;
        await base.ExecuteAsync(stoppingToken);
        ledger.Committed -= Told;
    }

    protected override async Task Turn(CancellationToken cancel)
    {
        if (!await Anchor(cancel))
        {
            await Task.Delay(Reminder, cancel);
            return;
        }
        // What other processes record is found by looking.
        await grown.Wait(options.Every, cancel);
        await urgent.Wait(options.Every, cancel);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            // So that what was recorded last does not stay without an anchor until the next start.
            if (signer is not null && state.Problem is null)
                await Anchor(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or OperationCanceledException)
        {
            logger.LogWarning(e, "The last events were not anchored: they are when the server starts again");
        }
    }

    public override void Dispose()
    {
        signer?.Dispose();
        base.Dispose();
    }

    private void TellOfNewKey(AnchorSigner anchoring)
    {
        if (anchoring.MadeKey is not { } made || made == toldOf)
            return;
        toldOf = made;
        logger.LogWarning(
            "Anchors are signed with a new key, {Key}: give its public part to whoever is to check them", made);
    }

    private async Task<bool> Anchor(CancellationToken cancel)
    {
        try
        {
            var folder = await archive.Folder(cancel);
            signer ??= AnchorSigner.TryOpen(database, folder, TimeProvider.System);
            // Of several nodes in one home one signs; the others are there when it has gone.
            if (signer is not null)
            {
                await signer.Sign(cancel);
                TellOfNewKey(signer);
            }
            state.Anchored(signer?.Latest ?? AnchorFile.Latest(folder.Anchors));
            return true;
        }
        catch (AuditException e)
        {
            logger.LogCritical("{Problem}", e.Message);
            state.Failed(e.Message);
            return false;
        }
    }
}
