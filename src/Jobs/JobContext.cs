using System.Text.Json;

namespace Bifrost.Jobs;

/// <summary>What a job knows and tells while it runs.</summary>
public sealed class JobContext
{
    private const int LongestStage = 200;

    private readonly JobStore store;
    private readonly Claim claim;
    private volatile Progress progress = new(null, null, null);

    internal JobContext(JobStore store, Claim claim) => (this.store, this.claim) = (store, claim);

    public Guid JobId => claim.JobId;

    public string Owner => claim.Owner;

    public JsonElement Arguments => claim.Arguments;

    /// <summary>What an earlier attempt saved last; null where none has.</summary>
    public JsonElement? Checkpoint => claim.Checkpoint;

    internal Progress Latest => progress;

    /// <summary>Says how far it is. Costs nothing: what was said last is written once a second.</summary>
    /// <param name="stage">In words, such as "folding events"; cut where it is longer than is kept.</param>
    public void Report(string stage, long? done = null, long? total = null) =>
        progress = new Progress(stage.Length > LongestStage ? stage[..LongestStage] : stage, done, total);

    /// <summary>Keeps where a later attempt may go on. It is durable when this returns.</summary>
    /// <exception cref="OperationCanceledException">Another node has taken the job over.</exception>
    public async Task Save(JsonElement checkpoint, CancellationToken cancel)
    {
        if (!await store.Save(claim, checkpoint, cancel))
            throw new OperationCanceledException("Another node has taken the job over.");
    }

    /// <summary>The content that was sent with the job, from its beginning.</summary>
    public Stream OpenContent() => store.OpenContent(JobId, attempt: 0);

    /// <summary>What the job is to give back; whole once the job has succeeded.</summary>
    public Stream CreateContent() => store.CreateContent(JobId, claim.Attempt);

    internal sealed record Progress(string? Stage, long? Done, long? Total);
}
