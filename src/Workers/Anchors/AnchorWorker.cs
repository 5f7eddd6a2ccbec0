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

    // Another process signs: it does where its anchors grow, or there is nothing to sign.
    private async Task<bool> IsOfAnother(Anchor? latest, CancellationToken cancel)
    {
        if (latest is not null && latest.Sequence > (state.Latest?.Sequence ?? 0))
            return true;
        await using var command = database.CreateCommand("SELECT coalesce(max(seq_id), 0) FROM ledger.portfolio_event");
        return (latest?.Sequence ?? 0) >= (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    private void Close()
    {
        try
        {
            signer?.Dispose();
        }
        catch (IOException e)
        {
            logger.LogWarning(e, "The files of the anchors could not be closed as they should be");
        }
        signer = null;
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
            var latest = signer?.Latest ?? AnchorFile.Latest(folder.Anchors);
            state.Anchored(latest, signer is not null || await IsOfAnother(latest, cancel));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var problem = $"Nothing is anchored, because the folder of the anchors cannot be used: {e.Message}";
            if (state.Problem != problem)
                logger.LogCritical(e, "{Problem}", problem);
            state.Failed(problem);
            // What it has in memory may be ahead of its files, which it reads again when it is opened anew.
            Close();
            throw e as IOException ?? new IOException(e.Message, e);
        }
        catch (AuditException e)
        {
            logger.LogCritical("{Problem}", e.Message);
            state.Failed(e.Message);
            return false;
        }
    }
}
