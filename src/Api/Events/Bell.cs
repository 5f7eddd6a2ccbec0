namespace Bifrost.Api.Events;

/// <summary>
/// Wakes all who wait for it, at once. Whoever takes <see cref="Next"/> before it looks for what is new misses nothing.
/// </summary>
internal sealed class Bell
{
    private TaskCompletionSource next = Unrung();

    public Task Next => Volatile.Read(ref next).Task;

    public void Ring() => Interlocked.Exchange(ref next, Unrung()).SetResult();

    // Whoever rings must not run those who wait.
    private static TaskCompletionSource Unrung() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
