using System.Runtime.InteropServices;

namespace Bifrost.Harness;

/// <summary>
/// What <c>./bifrost test</c> asks whether there is a Docker engine: where there is, it keeps the servers of the whole
/// run in containers until a signal ends it.
/// </summary>
internal static class ContainersForRun
{
    private const int NoEngine = 3;

    /// <param name="arguments">Written once the servers answer: owner, superuser and Redis, a line each.</param>
    private static async Task<int> Main(string[] arguments)
    {
        if (!PostgresContainer.EngineAnswers)
            return NoEngine;
        var told = new TaskCompletionSource();
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            told.TrySetResult();
        }
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
        var file = Path.GetFullPath(arguments[0]);
        await using var containers = await TestContainers.Start(Path.GetDirectoryName(file)!);
        // Under its name only when it is whole, since the script looks for it all the time.
        await File.WriteAllLinesAsync(
            $"{file}.new", [containers.Postgres.Owner, containers.Postgres.Superuser, containers.Redis]);
        File.Move($"{file}.new", file);
        await told.Task;
        return 0;
    }
}
