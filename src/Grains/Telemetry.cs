using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Bifrost.Grains;

/// <summary>What the ledger measures of itself, by .NET's own meters and activity sources.</summary>
public static class Telemetry
{
    public const string Name = "Bifrost.Ledger";

    private static readonly Meter Meter = new(Name);

    public static readonly ActivitySource Source = new(Name);

    private static readonly Counter<long> Commands = Meter.CreateCounter<long>(
        "bifrost.ledger.commands", "{command}", "Commands put on the record");

    private static readonly Counter<long> Events = Meter.CreateCounter<long>(
        "bifrost.ledger.events", "{event}", "Events appended to the log");

    private static readonly Histogram<double> BatchSize = Meter.CreateHistogram<double>(
        "bifrost.ledger.batch.commands", "{command}", "Commands committed in one transaction");

    private static readonly Histogram<double> CommitTime = Meter.CreateHistogram<double>(
        "bifrost.ledger.commit.duration", "s", "Time of one transaction, from its first byte to its reply");

    internal static readonly Counter<long> Conflicts = Meter.CreateCounter<long>(
        "bifrost.ledger.conflicts", "{turn}", "Turns that were decided on an old state or held a repeated command");

    internal static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "bifrost.ledger.commit.retries", "{transaction}", "Transactions sent again after a deadlock or a lost reply");

    internal static readonly Counter<long> AskedAgain = Meter.CreateCounter<long>(
        "bifrost.ledger.commands.retries", "{call}", "Commands asked for again after a node did not answer");

    internal static readonly Histogram<double> CommandTime = Meter.CreateHistogram<double>(
        "bifrost.ledger.command.duration", "s", "Time of one command in its grain, from its arrival to its answer");

    internal static void Committed(IReadOnlyList<Turn> batch, int events, TimeSpan elapsed)
    {
        var commands = batch.Sum(turn => turn.Recorded.Count);
        Commands.Add(commands);
        Events.Add(events);
        BatchSize.Record(commands);
        CommitTime.Record(elapsed.TotalSeconds);
    }
}
