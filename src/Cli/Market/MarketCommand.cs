using System.CommandLine;
using Bifrost.MarketData;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Rollups;
using Bifrost.MarketData.Storage;
using Npgsql;
using Spectre.Console;

namespace Bifrost.Cli.Market;

internal static class MarketCommand
{
    public static Command Create() => new("market", "How bars are kept.") { Retention(), RollUp() };

    private static Command Retention()
    {
        var interval = new Option<BarInterval?>("--interval") { Description = "min, hour or day." };
        var keep = new Option<string?>("--keep") { Description = "How long, such as '6 months'; switches it on." };
        var off = new Option<bool>("--off") { Description = "Keep bars of the interval for ever." };
        var command = new Command(
            "retention", "Shows how long bars are kept, or changes it. Rollups stay when their bars are dropped.")
        {
            interval, keep, off,
        };
        command.Does(async (parsed, cancel) =>
        {
            await using var owner = MarketConnections.Workers(Settings.Database);
            var retention = new BarRetention(owner, await BarStorage.Find(owner, cancel));
            if (parsed.GetValue(keep) is not null || parsed.GetValue(off))
                await Set(retention, parsed.GetValue(interval), parsed.GetValue(keep), parsed.GetValue(off), cancel);
            await Show(retention, cancel);
            return 0;
        });
        return command;
    }

    private static Command RollUp()
    {
        var command = new Command(
            "rollup", "Rolls up what is new or corrected now; a running server does so by itself.");
        command.Does(async (_, cancel) =>
        {
            await using var database = MarketConnections.Workers(Settings.Database);
            using var progress = new RollupReport();
            Console.WriteLine($"rolled up {await new BarRollups(database).Run(progress, cancel)} periods");
            return 0;
        });
        return command;
    }

    private static async Task Set(
        BarRetention retention, BarInterval? interval, string? keep, bool isOff, CancellationToken cancel)
    {
        if (interval is not { } which)
            throw new OperatorException("Say with --interval which bars: min, hour or day.");
        if (isOff && keep is not null)
            throw new OperatorException("--keep switches retention on and --off switches it off: give one of them.");
        try
        {
            await retention.Set(which, keep, !isOff, cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidDatetimeFormat)
        {
            throw new OperatorException($"--keep takes a time such as '6 months' or '10 years', not '{keep}'.");
        }
        await retention.Apply(cancel);
    }

    private static async Task Show(BarRetention retention, CancellationToken cancel)
    {
        var table = new Table().AddColumns("bars", "kept", "why");
        foreach (var rule in await retention.Read(cancel))
            table.AddRow(rule.Interval.Word(), rule.Enabled ? rule.Keep : "for ever", Markup.Escape(rule.Reason));
        AnsiConsole.Write(table);
    }
}
