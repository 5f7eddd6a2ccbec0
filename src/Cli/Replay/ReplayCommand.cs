using System.CommandLine;

namespace Bifrost.Cli.Replay;

internal static class ReplayCommand
{
    public static Command Create() =>
        new("replay", "Rebuilds, checks and explains what the tables say from the events.")
        {
            VerifyCommand.Create(),
            RebuildCommand.Create(),
            ShowCommand.Create(),
            ExplainCommand.Create(),
            DiffCommand.Create(),
            FoldCommand.Create(),
            RepairCommand.Create(),
        };
}
