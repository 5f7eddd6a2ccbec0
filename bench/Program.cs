using System.CommandLine;
using Bifrost.Bench.Commands;

var root = new RootCommand(
    "Measures the ledger, with the limits of the same machine beside each result. Without a name: every benchmark.");
var commands = CommandsCommand.Create();
root.Subcommands.Add(commands);
return await root.Parse(args.Length == 0 ? [commands.Name] : args).InvokeAsync();
