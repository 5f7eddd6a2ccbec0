using System.CommandLine;

namespace Bifrost.Cli.Audit;

internal static class AuditCommand
{
    public static Command Create() => new("audit", "Shows, exports and proves what the log says.")
    {
        TrialBalanceCommand.Create(),
        JournalCommand.Create(),
        ExportCommand.Create(),
        AnchorCommand.Create(),
        AuditKeysCommand.Create(),
        VerifyCommand.Create(),
    };
}
