using Bifrost.Audit;
using Bifrost.Audit.Anchors;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Anchors;

/// <summary>
/// Takes the newest anchor to places outside, as often as is wanted. What fails there is tried again with the anchor
/// that is the newest then, and the ledger does not wait for it.
/// </summary>
public sealed class OutsideWorker(
    AnchorArchive archive,
    AuditOptions options,
    AnchorState state,
    ILogger<OutsideWorker> logger) : RepeatedWork(logger)
{
    protected override string Name => "The taking of anchors outside";

    protected override async Task Turn(CancellationToken cancel)
    {
        var folder = await archive.Folder(cancel);
        // Of several nodes in one home one does it at a time.
        if (TryOwn(folder) is { } held)
        {
            await using (held)
                await Send(folder, cancel);
        }
        await Task.Delay(options.HooksEvery, cancel);
    }

    private async Task Send(AuditFolder folder, CancellationToken cancel)
    {
        foreach (var hook in options.Hooks)
        {
            try
            {
                await hook.Send(folder, TimeProvider.System, cancel);
                if (state.Outside.ContainsKey(hook.Name))
                    logger.LogWarning("{Hook} takes anchors outside again", hook.Name);
                state.WentOutside(hook.Name, null);
            }
            catch (AuditException e)
            {
                // Said once, because an outage would fill the log.
                if (!state.Outside.ContainsKey(hook.Name))
                    logger.LogError("An anchor was not taken outside and is tried again: {Problem}", e.Message);
                state.WentOutside(hook.Name, e.Message);
            }
        }
    }

    private static FileStream? TryOwn(AuditFolder folder)
    {
        try
        {
            return new FileStream(
                Path.Combine(folder.Root, "outside.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
