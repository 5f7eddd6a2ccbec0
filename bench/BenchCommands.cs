using System.CommandLine;
using Bifrost.Bench.Commands;
using Bifrost.Bench.Following;
using Bifrost.Bench.Jobs;
using Bifrost.Bench.Market;
using Bifrost.Bench.Replay;

namespace Bifrost.Bench;

/// <summary>All benchmarks; <c>./bifrost bench --help</c> lists the same.</summary>
internal static class BenchCommands
{
    private const string About =
        "Measures the ledger, with the limits of the same machine beside each result. Without a name: every benchmark.";

    public static RootCommand Create() => new(About)
    {
        CommandsCommand.Create(),
        IngestBenchmark.Create(),
        BarsReadBenchmark.Create(),
        ValuationBenchmark.Create(),
        ReplayBenchmark.Create(),
        JobsBenchmark.Create(),
        FollowingBenchmark.Create(),
    };

    /// <returns>The exit code: 2 for wrong usage, as the entry script has it.</returns>
    public static async Task<int> Run(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0)
            return await parsed.InvokeAsync();
        foreach (var error in parsed.Errors)
            await Console.Error.WriteLineAsync(error.Message);
        var name = parsed.CommandResult.Command == root ? "" : $" {parsed.CommandResult.Command.Name}";
        await Console.Error.WriteLineAsync($"'./bifrost bench{name} --help' tells more.");
        return 2;
    }
}
