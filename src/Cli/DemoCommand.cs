using System.CommandLine;

namespace Bifrost.Cli;

internal static class DemoCommand
{
    public static Command Create()
    {
        var command = new Command("demo", "todo");
        command.Does((_, _) => Task.FromResult(0));
        return command;
    }
}
