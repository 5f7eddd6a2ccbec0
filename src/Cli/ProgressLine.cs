using System.Diagnostics;

namespace Bifrost.Cli;

/// <summary>
/// Says on standard error how far long work is: in place on a terminal, in a line every few seconds elsewhere.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly bool IsTerminal = !Console.IsErrorRedirected;

    private readonly long since = Stopwatch.GetTimestamp();
    private TimeSpan shown;
    private bool isOpen;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(since);

    public void Show(Func<TimeSpan, string> text)
    {
        var elapsed = Elapsed;
        if (elapsed - shown < (IsTerminal ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(5)))
            return;
        shown = elapsed;
        // Clears what a longer text left of the line.
        Console.Error.Write(IsTerminal ? $"\r{text(elapsed)}\e[K" : $"{text(elapsed)}\n");
        isOpen = IsTerminal;
    }

    public void Dispose()
    {
        if (isOpen)
            Console.Error.Write("\r\e[K");
    }
}
