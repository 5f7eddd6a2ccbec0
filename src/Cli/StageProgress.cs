using System.Globalization;
using Spectre.Console;

namespace Bifrost.Cli;

/// <summary>
/// How far work of several stages is, with the rate and the time left of each, on standard error: bars on a terminal, a
/// line every few seconds elsewhere.
/// </summary>
internal static class StageProgress
{
    /// <param name="work">Gets what to tell of a stage: its name, how much of it is done, and of how much.</param>
    public static async Task<T> Show<T>(Func<Action<string, long, long>, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
        {
            using var lines = new Lines();
            return await work(lines.Tell);
        }
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await terminal.Progress().AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(bars => work(new Bars(bars).Tell));
    }

    private sealed class Bars(ProgressContext context)
    {
        private readonly Dictionary<string, ProgressTask> tasks = [];

        public void Tell(string stage, long done, long total)
        {
            if (!tasks.TryGetValue(stage, out var task))
                tasks[stage] = task = context.AddTask(stage);
            task.MaxValue = Math.Max(total, 1);
            task.Value = done;
            if (task.Speed is { } speed)
                task.Description = string.Create(CultureInfo.InvariantCulture, $"{stage}, {done:N0} at {speed:N0}/s");
        }
    }

    private sealed class Lines : IDisposable
    {
        private ProgressLine line = new();
        private string known = "";

        public void Tell(string stage, long done, long total)
        {
            if (stage != known)
            {
                line.Dispose();
                (line, known) = (new ProgressLine(), stage);
            }
            line.Show(elapsed => Text(stage, done, total, elapsed));
        }

        public void Dispose() => line.Dispose();

        private static string Text(string stage, long done, long total, TimeSpan elapsed)
        {
            var left = done == 0 ? TimeSpan.Zero : elapsed * ((double)(total - done) / done);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{stage}: {done:N0} of {total:N0}, {done / elapsed.TotalSeconds:N0}/s, {left:h\\:mm\\:ss} left");
        }
    }
}
