namespace Bifrost.Grains;

/// <summary>Where the commands of a portfolio arrive, from any thread; one task at a time takes them away.</summary>
internal sealed class Arrivals
{
    private readonly Lock gate = new();
    private readonly List<PendingCommand> arrived = [];
    private bool isTended;
    private TaskCompletionSource? closed;

    /// <param name="isTended">Whether a task is there already that will take it.</param>
    /// <returns>False where nothing is taken any more.</returns>
    public bool TryAdd(PendingCommand pending, out bool isTended)
    {
        lock (gate)
        {
            isTended = this.isTended;
            if (closed is not null)
                return false;
            arrived.Add(pending);
            this.isTended = true;
            return true;
        }
    }

    /// <summary>Moves what has arrived behind what waits.</summary>
    /// <returns>False where nothing waits: the task is to end, and whoever comes next begins another.</returns>
    public bool MoveTo(LinkedList<PendingCommand> mailbox)
    {
        lock (gate)
        {
            foreach (var pending in arrived)
                mailbox.AddLast(pending);
            arrived.Clear();
            isTended = mailbox.Count > 0;
            if (!isTended)
                closed?.TrySetResult();
            return isTended;
        }
    }

    /// <summary>Takes nothing more, and waits until the task has ended.</summary>
    public Task Close()
    {
        lock (gate)
        {
            closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!isTended)
                closed.TrySetResult();
            return closed.Task;
        }
    }
}
