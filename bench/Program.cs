using System.CommandLine;
using Bifrost.Bench.Commands;
using Bifrost.Bench.Market;
using Bifrost.Bench.Replay;

var root = new RootCommand(
    "Measures the ledger, with the limits of the same machine beside each result. Without a name: every benchmark.")
{
    CommandsCommand.Create(),
    IngestBenchmark.Create(),
    BarsReadBenchmark.Create(),
    ValuationBenchmark.Create(),
    ReplayBenchmark.Create(),
};
if (args.Length > 0)
    return await root.Parse(args).InvokeAsync();
foreach (var benchmark in root.Subcommands)
{
    Console.WriteLine($"# {benchmark.Name}");
    if (await root.Parse([benchmark.Name]).InvokeAsync() is var exit and not 0)
        return exit;
}
return 0;
