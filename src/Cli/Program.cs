using System.CommandLine;
using Bifrost.Cli;

var parsed = OperatorCommands.Create().Parse(args);
var exit = await parsed.InvokeAsync(new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,
    // Longer than a server takes to end what it has begun (30 s): what is left then does not end by itself.
    ProcessTerminationTimeout = TimeSpan.FromSeconds(60),
});
// Wrong usage is 2, so that a script can tell it from a check that failed.
return parsed.Errors.Count > 0 ? 2 : exit;
