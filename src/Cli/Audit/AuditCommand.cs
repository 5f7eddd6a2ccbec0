using System.CommandLine;

namespace Bifrost.Cli.Audit;

internal static class AuditCommand
{
    public static Command Create() =>
        new("audit", "Proves, signs and exports the history.")
        {
            VerifyCommand.Create(),
            AnchorCommand.Create(),
        };
}
