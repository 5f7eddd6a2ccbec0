using System.Diagnostics;

namespace Bifrost.Grains;

/// <summary>Measures each command where its grain is, and traces it under what the caller's node was doing.</summary>
internal sealed class CommandTelemetry : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is not PortfolioGrain)
        {
            await context.Invoke();
            return;
        }
        using var activity = Telemetry.Source.StartActivity("ledger.command");
        activity?.SetTag("bifrost.portfolio", context.TargetContext.GrainId.GetIntegerKey());
        var since = Stopwatch.GetTimestamp();
        await context.Invoke();
        Telemetry.CommandTime.Record(Stopwatch.GetElapsedTime(since).TotalSeconds);
    }
}
