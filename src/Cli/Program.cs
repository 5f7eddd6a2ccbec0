using System.CommandLine;
using Bifrost.Cli;
using Bifrost.Cli.Audit;
using Bifrost.Cli.Demo;
using Bifrost.Cli.Market;
using Bifrost.Cli.Replay;

var root = new RootCommand("Bifrost, an event-sourced trading ledger: the operator's tool.")
{
    ServeCommand.Create(),
    SchemaCommand.Create(),
    ReplayCommand.Create(),
    AuditCommand.Create(),
    IngestCommand.Create(),
    MarketCommand.Create(),
    DemoCommand.Create(),
};
var parsed = root.Parse(args);
// Wrong usage is 2, so that a script can tell it from a check that failed.
var exit = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
return parsed.Errors.Count > 0 ? 2 : exit;
