using Bifrost.Bench;

var root = BenchCommands.Create();
if (args.Length > 0)
    return await BenchCommands.Run(root, args);
foreach (var benchmark in root.Subcommands)
{
    Console.WriteLine($"# {benchmark.Name}");
    if (await BenchCommands.Run(root, [benchmark.Name]) is var exit and not 0)
        return exit;
}
return 0;
