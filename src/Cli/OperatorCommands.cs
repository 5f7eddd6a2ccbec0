using System.CommandLine;
using Bifrost.Cli.Audit;
using Bifrost.Cli.Demo;
using Bifrost.Cli.Instruments;
using Bifrost.Cli.Jobs;
using Bifrost.Cli.Keys;
using Bifrost.Cli.Market;
using Bifrost.Cli.Replay;
using Bifrost.Cli.Webhooks;

namespace Bifrost.Cli;

/// <summary>All commands; the entry script calls <c>serve</c> and <c>schema</c> by itself.</summary>
internal static class OperatorCommands
{
    public static RootCommand Create() => new("Bifrost, an event-sourced trading ledger: the operator's tool.")
    {
        ServeCommand.Create(),
        SchemaCommand.Create(),
        ReplayCommand.Create(),
        AuditCommand.Create(),
        IngestCommand.Create(),
        MarketCommand.Create(),
        InstrumentsCommand.Create(),
        DemoCommand.Create(),
        KeysCommand.Create(),
        JobsCommand.Create(),
        SchedulesCommand.Create(),
        WebhooksCommand.Create(),
    };
}
