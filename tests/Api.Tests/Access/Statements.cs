using System.Diagnostics;

namespace Bifrost.Api.Tests.Access;

/// <summary>Counts the statements of this process that a database is sent and that contain a text.</summary>
internal sealed class Statements : IDisposable
{
    private readonly ActivityListener listener;
    private int count;

    public Statements(string database, string part)
    {
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                var told = string.Join(' ', activity.TagObjects.Select(tag => tag.Value));
                if (told.Contains(database, StringComparison.Ordinal) && told.Contains(part, StringComparison.Ordinal))
                    Interlocked.Increment(ref count);
            },
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>How many there were since it was asked before.</summary>
    public int Take() => Interlocked.Exchange(ref count, 0);

    public void Dispose() => listener.Dispose();
}
