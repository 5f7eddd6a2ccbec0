namespace Bifrost.Audit.Keys;

/// <summary>
/// Held by whoever signs with the key of a folder or changes it, so that no anchor by a key is younger than its
/// hand-over.
/// </summary>
internal static class KeyLock
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="root">The folder of all logs.</param>
    /// <exception cref="IOException">Another process held it all the time, or the folder cannot be written.</exception>
    public static FileStream Take(string root)
    {
        Directory.CreateDirectory(root);
        var until = TimeProvider.System.GetUtcNow() + Longest;
        while (true)
        {
            try
            {
                return new FileStream(
                    Path.Combine(root, "keys.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (TimeProvider.System.GetUtcNow() < until)
            {
                Thread.Sleep(Pause);
            }
        }
    }
}
