using System.CommandLine;
using Bifrost.Cli;

var parsed = OperatorCommands.Create().Parse(args);
// Wrong usage is 2, so that a script can tell it from a check that failed.
var exit = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
return parsed.Errors.Count > 0 ? 2 : exit;
